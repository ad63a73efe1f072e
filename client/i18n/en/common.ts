import type { Catalogue } from '../catalogue.ts';

export const common: Pick<
  Catalogue,
  'app' | 'action' | 'menu' | 'language' | 'role' | 'part' | 'state' | 'link' | 'field'
> = {
  app: { name: 'Tongke', tagline: 'One lesson, many classrooms' },
  action: {
    cancel: 'Cancel',
    close: 'Close',
    back: 'Back',
    retry: 'Try again',
    reload: 'Reload the page',
    signIn: 'Sign in',
    signOut: 'Sign out',
    today: 'Back to today',
    send: 'Send',
    continue: 'Continue',
    more: 'More',
  },
  menu: {
    account: 'Account and settings',
    language: 'Language',
    theme: 'Appearance',
    themeSystem: 'As this device',
    themeLight: 'Light',
    themeDark: 'Dark',
  },
  language: { 'zh-CN': '中文', bo: 'བོད་ཡིག', en: 'English' },
  role: {
    teacher: 'Teacher',
    student: 'Student',
    technician: 'Technician',
    administrator: 'Administrator',
    observer: 'Observer',
    room: 'Classroom',
  },
  part: { lead: 'Lead teacher', local: 'Local teacher', room: 'Classroom', student: 'Student', observer: 'Observer' },
  state: {
    loading: 'Opening…',
    connecting: 'Connecting…',
    ready: 'Not started',
    live: 'Live now',
    paused: 'Paused',
    ended: 'Ended',
    online: 'Here',
    offline: 'Away',
  },
  link: {
    good: 'Good link',
    fair: 'Fair link',
    poor: 'Poor link',
    lost: 'Link lost',
    unknown: 'Link not measured yet',
  },
  field: {
    show: 'Show password',
    hide: 'Hide password',
    required: 'Please fill this in',
    short: 'At least {{n}} characters, please',
  },
};
