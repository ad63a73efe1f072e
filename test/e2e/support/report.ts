/** For people to read beside the test's own line: how long something took. */
export function report(what: string, ms: number): void {
  console.log(`      ${what}: ${(ms / 1000).toFixed(1)} s`);
}
