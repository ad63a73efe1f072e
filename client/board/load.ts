/** The renderer and Fabric with it, as a chunk of its own: no other screen has to wait for it. */
export function loadBoard(): Promise<typeof import('./renderer.ts')> {
  return import('./renderer.ts');
}
