import type chinese from './zh-CN/index.ts';

type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };

/** Every text of the pages. Chinese, the working language, is the model; a key missing elsewhere does not compile. */
export type Catalogue = Texts<typeof chinese>;

/** `today.empty.title` and the like: what `t()` takes. */
export type TextKey = Leaves<Catalogue>;
type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T &
  string];
