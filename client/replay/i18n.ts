import type { Language } from '../../protocol/common.ts';
import { tibetan } from './i18n/bo.ts';
import { english } from './i18n/en.ts';
import { chinese } from './i18n/zh-CN.ts';

export type WatchTexts = { readonly [K in keyof typeof chinese]: string };
export type WatchText = keyof WatchTexts;

export const watchTexts: Readonly<Record<Language, WatchTexts>> = {
  'zh-CN': chinese,
  bo: tibetan,
  en: english,
};
