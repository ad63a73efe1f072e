import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCode } from '../../protocol/errors.ts';
import { NetworkError } from '../api.ts';
import type { Catalogue, TextKey } from '../i18n/catalogue.ts';

/** The sentence for a person: what happened and what to do. Takes anything that was thrown or answered. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback((error) => t(errorKey(error)), [t]);
}

type ErrorKey = Extract<TextKey, `error.${string}` | `device.${string}`>;

export function errorKey(error: unknown): ErrorKey {
  if (error instanceof NetworkError) return 'error.network';
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const answered = ErrorCode.safeParse(code);
  if (answered.success) return `error.${answered.data}`;
  return isDeviceCode(code) ? `device.${code}` : 'error.internal';
}

type DeviceCode = keyof Catalogue['device'];

const DEVICE_CODES: Readonly<Record<DeviceCode, true>> = {
  insecure_origin: true,
  camera_refused: true,
  camera_missing: true,
  camera_busy: true,
  microphone_refused: true,
  microphone_missing: true,
  microphone_busy: true,
  screen_refused: true,
  device_failed: true,
};

function isDeviceCode(code: unknown): code is DeviceCode {
  return typeof code === 'string' && Object.hasOwn(DEVICE_CODES, code);
}
