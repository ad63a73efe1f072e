import { z } from 'zod';

/** Ids begin with a letter, so that they never become array indices in objects (those would lose their order). */
export const Id = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/);
export type Id = z.infer<typeof Id>;

/** Milliseconds on the lesson's own clock: 0 is the moment its log was opened. */
export const LessonTime = z.number().int().min(0);

/** Milliseconds since 1970, UTC. */
export const WallTime = z.number().int().min(0);

export const Language = z.enum(['zh-CN', 'bo', 'en']);
export type Language = z.infer<typeof Language>;

/** A text in up to three languages; people's own names and titles are data, not catalogue strings. */
export const Localised = z.object({
  'zh-CN': z.string(),
  bo: z.string().optional(),
  en: z.string().optional(),
});
export type Localised = z.infer<typeof Localised>;

export { localise, own } from './localise.ts';
