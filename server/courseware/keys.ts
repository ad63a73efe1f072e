/** Where the file of a page is kept, by its content. */
export function fileKey(sha256: string): string {
  return `courseware/${sha256.slice(0, 2)}/${sha256}`;
}

/** Where a file that was brought waits to become pages. */
export function sourceKey(sha256: string): string {
  return `courseware-sources/${sha256}`;
}
