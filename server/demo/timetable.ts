import type { Localised } from '../../protocol/common.ts';

export const COURSES = {
  maths: {
    subject: 'mathematics',
    grade: 4,
    name: { 'zh-CN': '四年级数学', bo: 'ལོ་རིམ་བཞི་པའི་རྩིས་རིག', en: 'Mathematics, grade 4' },
  },
  tibetan: {
    subject: 'tibetan',
    grade: 4,
    name: { 'zh-CN': '四年级藏语文', bo: 'ལོ་རིམ་བཞི་པའི་བོད་སྐད་ཡིག', en: 'Tibetan, grade 4' },
  },
} as const satisfies Record<string, { subject: string; grade: number; name: Localised }>;

export type CourseKey = keyof typeof COURSES;

export const CLASS_NAME: Localised = {
  'zh-CN': '四年级（1）班',
  bo: 'ལོ་རིམ་བཞི་པའི་འཛིན་གྲྭ་དང་པོ།',
  en: 'Grade 4, class 1',
};

export interface LessonPlan {
  readonly course: CourseKey;
  readonly title: Localised;
}

/** The lesson that has a replay. */
export const FINISHED: LessonPlan = {
  course: 'maths',
  title: { 'zh-CN': '认识分数', bo: 'ཆ་གྲངས་ངོ་ཤེས་པ།', en: 'Meeting fractions' },
};

/** One after the other, as today's. */
export const TODAY: readonly LessonPlan[] = [
  {
    course: 'maths',
    title: { 'zh-CN': '分数的大小比较', bo: 'ཆ་གྲངས་ཆེ་ཆུང་བསྡུར་བ།', en: 'Comparing fractions' },
  },
  { course: 'tibetan', title: { 'zh-CN': '四个元音符号', bo: 'དབྱངས་བཞི།', en: 'The four vowel signs' } },
  { course: 'maths', title: { 'zh-CN': '角的度量', bo: 'ཟུར་ཚད་འཇལ་བ།', en: 'Measuring angles' } },
];

/** On the other days of a week. `day`: 1 is Monday; hours in the server's time zone. */
export const WEEK: readonly (LessonPlan & { readonly day: number; readonly hour: number })[] = [
  {
    day: 1,
    hour: 10,
    course: 'maths',
    title: { 'zh-CN': '平行与垂直', bo: 'མཉམ་གཤིབ་དང་དྲང་འཕྱང་།', en: 'Parallel and perpendicular' },
  },
  {
    day: 2,
    hour: 10,
    course: 'tibetan',
    title: { 'zh-CN': '三十字母', bo: 'གསལ་བྱེད་སུམ་ཅུ།', en: 'The thirty letters' },
  },
  {
    day: 3,
    hour: 10,
    course: 'maths',
    title: { 'zh-CN': '认识小数', bo: 'སིལ་གྲངས་ངོ་ཤེས་པ།', en: 'Meeting decimals' },
  },
  {
    day: 4,
    hour: 10,
    course: 'tibetan',
    title: { 'zh-CN': '上加字', bo: 'མགོ་ཅན།', en: 'Superscribed letters' },
  },
  {
    day: 5,
    hour: 10,
    course: 'maths',
    title: { 'zh-CN': '条形统计图', bo: 'ཀ་དབྱིབས་བསྡོམས་རྩིས་རི་མོ།', en: 'Bar charts' },
  },
];
