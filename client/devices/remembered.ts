const KEY = 'tongke.device';

/** The id that the server gave this device: only to be shown, never believed. */
export function rememberedDevice(): string | null {
  return localStorage.getItem(KEY);
}

export function rememberDevice(id: string): void {
  localStorage.setItem(KEY, id);
}
