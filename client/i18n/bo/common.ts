import type { Catalogue } from '../catalogue.ts';

export const common: Pick<
  Catalogue,
  'app' | 'action' | 'menu' | 'language' | 'role' | 'part' | 'state' | 'link' | 'field'
> = {
  app: { name: 'སློབ་ཚན་མཉམ་སྦྱོང་།', tagline: 'སློབ་ཚན་གཅིག སློབ་ཁང་མང་པོ།' },
  action: {
    cancel: 'རྩིས་མེད།',
    close: 'ཁ་རྒྱག',
    back: 'ཕྱིར་ལོག',
    retry: 'ཡང་བསྐྱར་ཚོད་ལྟ།',
    reload: 'ཤོག་ངོས་བསྐྱར་དུ་ཁ་ཕྱེ།',
    signIn: 'ནང་འཛུལ།',
    signOut: 'ཕྱིར་འཐོན།',
    today: 'དེ་རིང་གི་སློབ་ཚན་ལ་ཕྱིར་ལོག',
    send: 'སྐུར།',
    continue: 'མུ་མཐུད།',
    more: 'དེ་ལས་མང་བ།',
  },
  menu: {
    account: 'རྩིས་ཁྲ་དང་སྒྲིག་འགོད།',
    language: 'སྐད་ཡིག',
    theme: 'མདོག་གསལ་ནག',
    themeSystem: 'སྒྲིག་ཆས་དང་མཐུན་པ།',
    themeLight: 'དཀར་གསལ།',
    themeDark: 'ནག་མདངས།',
  },
  language: { 'zh-CN': '中文', bo: 'བོད་ཡིག', en: 'English' },
  role: {
    teacher: 'དགེ་རྒན།',
    student: 'སློབ་མ།',
    technician: 'ལག་རྩལ་པ།',
    administrator: 'དོ་དམ་པ།',
    observer: 'སློབ་ཚན་ཉན་མཁན།',
    room: 'སློབ་ཁང་།',
  },
  part: {
    lead: 'འཆད་ཁྲིད་དགེ་རྒན།',
    local: 'རོགས་སྐྱོར་དགེ་རྒན།',
    room: 'སློབ་ཁང་།',
    student: 'སློབ་མ།',
    observer: 'སློབ་ཚན་ཉན་མཁན།',
  },
  state: {
    loading: 'ཁ་ཕྱེ་བཞིན་ཡོད…',
    connecting: 'འབྲེལ་མཐུད་བྱེད་བཞིན་ཡོད…',
    ready: 'འགོ་མ་ཚུགས།',
    live: 'སློབ་ཁྲིད་བྱེད་བཞིན་ཡོད།',
    paused: 'རེ་ཞིག་མཚམས་བཞག',
    ended: 'སློབ་ཚན་གྲོལ་ཟིན།',
    online: 'འདིར་ཡོད།',
    offline: 'འབྲེལ་ཐག་ཆད་འདུག',
  },
  link: {
    good: 'དྲ་རྒྱ་ཡག་པོ།',
    fair: 'དྲ་རྒྱ་འབྲིང་ཙམ།',
    poor: 'དྲ་རྒྱ་ཞན་པ།',
    lost: 'དྲ་རྒྱ་ཆད་འདུག',
    unknown: 'དྲ་རྒྱའི་གནས་ཚུལ་མི་ཤེས།',
  },
  field: {
    show: 'གསང་ཨང་མངོན་པར་བྱེད།',
    hide: 'གསང་ཨང་སྦེད།',
    required: 'འདི་འབྲི་རོགས།',
    short: 'ཉུང་མཐར་ཡིག་རྟགས་ {{n}} དགོས།',
  },
};
