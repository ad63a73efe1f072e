import i18next from 'i18next';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { NetworkError } from '../api.ts';
import type { TextKey } from '../i18n/catalogue.ts';

/** The sentence for a person: what happened and what to do. Takes anything that was thrown or answered. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback((error) => t(errorKey(error)), [t]);
}

type ErrorKey = Extract<TextKey, `error.${string}` | `device.${string}`>;

/** Errors of the protocol and of devices carry a code; what carries none is a fault of ours. */
export function errorKey(error: unknown): ErrorKey {
  if (error instanceof NetworkError) return 'error.network';
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const key = [`error.${code}`, `device.${code}`].find(isErrorKey);
  return key ?? 'error.internal';
}

function isErrorKey(key: string): key is ErrorKey {
  return i18next.exists(key);
}
