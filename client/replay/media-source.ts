/** What a player gives pieces to, where a browser has it. */
export function mediaSource(): typeof MediaSource | undefined {
  // iPhones have the one that the system manages, and no other.
  const managed: typeof MediaSource | undefined = Reflect.get(globalThis, 'ManagedMediaSource');
  return managed ?? globalThis.MediaSource;
}
