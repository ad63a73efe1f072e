/** Small choices of one device (language, theme, microphone). A browser that forbids storage forgets them on reload. */
/** What is known for whoever is signed in is kept under this, and forgotten with them. */
export const KEPT = 'kept.';

const here = new Map<string, string>();

export function remembered(key: string): string | null {
  return storage()?.getItem(`tongke.${key}`) ?? here.get(key) ?? null;
}

export function remember(key: string, value: string): void {
  here.set(key, value);
  storage()?.setItem(`tongke.${key}`, value);
}

/** Forgets every key that begins so, and that `spare` does not hold back. */
export function forgetAll(prefix: string, spare: (value: string) => boolean = () => false): void {
  const store = storage();
  const keys = new Set([
    ...here.keys(),
    ...Object.keys(store ?? {}).map((key) => key.slice('tongke.'.length)),
  ]);
  for (const key of keys) {
    if (!key.startsWith(prefix) || spare(remembered(key) ?? '')) continue;
    here.delete(key);
    store?.removeItem(`tongke.${key}`);
  }
}

/** Reading the property itself throws where the person has forbidden storage. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
