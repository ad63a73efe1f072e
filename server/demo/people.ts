import type { Language, Localised } from '../../protocol/common.ts';
import type { Role } from '../../protocol/roles.ts';

/** A county that does not exist, with names as real ones have them. */

export const REGION: Localised = { 'zh-CN': '格桑县', bo: 'སྐལ་བཟང་རྫོང་།', en: 'Kelsang County' };

export const SCHOOLS = {
  hub: {
    kind: 'hub',
    name: {
      'zh-CN': '格桑县中心小学',
      bo: 'སྐལ་བཟང་རྫོང་ལྟེ་བའི་སློབ་ཆུང་།',
      en: 'Kelsang County Central Primary School',
    },
  },
  lotus: {
    kind: 'village',
    name: { 'zh-CN': '雪莲村教学点', bo: 'གངས་པད་གྲོང་ཚོའི་སློབ་གྲྭ།', en: 'Snow Lotus Village School' },
  },
  spring: {
    kind: 'village',
    name: { 'zh-CN': '清泉村教学点', bo: 'ཆུ་མིག་གྲོང་ཚོའི་སློབ་གྲྭ།', en: 'Clear Spring Village School' },
  },
} as const satisfies Record<string, { kind: 'hub' | 'village'; name: Localised }>;

export type SchoolKey = keyof typeof SCHOOLS;

interface Person {
  readonly username: string;
  readonly role: Role;
  readonly school: SchoolKey;
  readonly name: Localised;
  readonly language?: Language;
}

/** In the order in which the sign-in page shows them. */
export const PEOPLE: readonly Person[] = [
  { username: 'dolma', role: 'teacher', school: 'hub', name: { 'zh-CN': '卓玛', bo: 'སྒྲོལ་མ།', en: 'Dolma' } },
  {
    username: 'tashi',
    role: 'teacher',
    school: 'lotus',
    name: { 'zh-CN': '扎西', bo: 'བཀྲ་ཤིས།', en: 'Tashi' },
  },
  {
    username: 'room1',
    role: 'room',
    school: 'lotus',
    name: { 'zh-CN': '雪莲村教室', bo: 'གངས་པད་སློབ་ཁང་།', en: 'Snow Lotus classroom' },
  },
  {
    username: 'room2',
    role: 'room',
    school: 'spring',
    name: { 'zh-CN': '清泉村教室', bo: 'ཆུ་མིག་སློབ་ཁང་།', en: 'Clear Spring classroom' },
  },
  {
    username: 'student1',
    role: 'student',
    school: 'lotus',
    name: { 'zh-CN': '达瓦', bo: 'ཟླ་བ།', en: 'Dawa' },
  },
  {
    username: 'student2',
    role: 'student',
    school: 'lotus',
    name: { 'zh-CN': '白玛', bo: 'པདྨ།', en: 'Pema' },
  },
  {
    username: 'student3',
    role: 'student',
    school: 'lotus',
    name: { 'zh-CN': '次仁', bo: 'ཚེ་རིང་།', en: 'Tsering' },
  },
  {
    username: 'student4',
    role: 'student',
    school: 'spring',
    name: { 'zh-CN': '尼玛', bo: 'ཉི་མ།', en: 'Nyima' },
  },
  {
    username: 'student5',
    role: 'student',
    school: 'spring',
    name: { 'zh-CN': '央金', bo: 'དབྱངས་ཅན།', en: 'Yangchen' },
  },
  {
    username: 'student6',
    role: 'student',
    school: 'spring',
    name: { 'zh-CN': '李小雨', bo: 'ལི་ཞའོ་ཡུས།', en: 'Li Xiaoyu' },
  },
  {
    username: 'tech',
    role: 'technician',
    school: 'hub',
    name: { 'zh-CN': '洛桑', bo: 'བློ་བཟང་།', en: 'Lobsang' },
  },
  {
    username: 'admin',
    role: 'administrator',
    school: 'hub',
    name: { 'zh-CN': '德吉', bo: 'བདེ་སྐྱིད།', en: 'Deki' },
  },
  {
    username: 'observer',
    role: 'observer',
    school: 'hub',
    name: { 'zh-CN': '王敏', bo: 'ཝང་མིན།', en: 'Wang Min' },
  },
];

/** The demo's rows have ids that say what they are: made twice, they are there once. */
export const demoId = (name: string): string => `demo-${name}`;
