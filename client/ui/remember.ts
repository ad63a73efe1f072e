/** Small choices of one device (language, theme, microphone). A browser that forbids storage forgets them on reload. */
const here = new Map<string, string>();

export function remembered(key: string): string | null {
  return storage()?.getItem(`tongke.${key}`) ?? here.get(key) ?? null;
}

export function remember(key: string, value: string): void {
  here.set(key, value);
  storage()?.setItem(`tongke.${key}`, value);
}

/** Reading the property itself throws where the person has forbidden storage. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
