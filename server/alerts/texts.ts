import type { AlertKind } from '../../protocol/alerts.ts';
import type { Language } from '../../protocol/common.ts';

interface MailTexts {
  /** `n`: how many lines it has. */
  readonly subject: (n: number) => string;
  readonly kind: Readonly<Record<AlertKind, string>>;
  readonly opened: string;
  readonly cleared: string;
  readonly since: (time: string) => string;
  readonly foot: string;
  readonly testSubject: string;
  readonly test: string;
}

/** The e-mails to technicians; in the pages the same is said by `client/i18n`. */
export const MAIL_TEXTS: Readonly<Record<Language, MailTexts>> = {
  'zh-CN': {
    subject: (n) => `同课 · 教室与设备提醒（${n}）`,
    kind: {
      offline_lesson: '屏幕不在线，而课快开始或正在进行：请打电话到教室，查看电源和网络。',
      offline: '屏幕不在线，今天还有课：请在上课前查看电源和网络。',
      check_red: '课前检查未通过：请打开教室页面，按提示处理。',
      input_trouble: '摄像头或麦克风有问题：请检查连线，重新插拔。',
      link_poor: '网络一直不好：请停止其他下载，检查路由器。',
      power_cuts: '一天内断电三次或更多：请检查插座和电源。',
      link_cuts: '一天内断网五次或更多：请检查路由器和网线。',
      microphone_quiet: '整整一周没有听到这间教室的声音：请检查麦克风的开关和连线，再检查一次教室。',
      space_low: '磁盘快满了：请删除不需要的文件。',
      update_failed: '新版本在这里不正常，屏幕已改回原来的版本：请打开“屏幕更新”页面查看。',
    },
    opened: '发生',
    cleared: '已恢复',
    since: (time) => `自 ${time}`,
    foot: '在“教室与设备”>“提醒”中可以确认，或更改通知方式。',
    testSubject: '同课 · 测试邮件',
    test: '这是一封测试邮件：提醒会发到这里。',
  },
  bo: {
    subject: (n) => `དུས་མཉམ་སློབ་ཁྲིད། · སློབ་ཁང་དང་སྒྲིག་ཆས་ཀྱི་དྲན་སྐུལ། (${n})`,
    kind: {
      offline_lesson:
        'འཆར་ངོས་འབྲེལ་ཐག་ཆད་འདུག སློབ་ཚན་འགོ་འཛུགས་ལ་ཉེ་བའམ་འགོ་ཚུགས་ཟིན། སློབ་ཁང་ལ་ཁ་པར་བཏང་ནས་གློག་དང་དྲ་རྒྱ་ལ་ལྟོས།',
      offline: 'འཆར་ངོས་འབྲེལ་ཐག་ཆད་འདུག དེ་རིང་སློབ་ཚན་ཡོད། སློབ་ཚན་གྱི་སྔོན་ལ་གློག་དང་དྲ་རྒྱ་ལ་ལྟོས།',
      check_red: 'སློབ་ཚན་སྔོན་གྱི་ཞིབ་བཤེར་མ་འགྲིག། སློབ་ཁང་གི་ཤོག་ངོས་ཕྱེས་ནས་ཐག་གཅོད་བྱེད།',
      input_trouble: 'བརྙན་ལེན་ཆས་སམ་སྒྲ་སྡུད་ཆས་ལ་སྐྱོན་འདུག སྐུད་པ་བཏོན་ནས་ཡང་བསྐྱར་འཛུགས།',
      link_poor: 'དྲ་རྒྱ་རྟག་ཏུ་ཞན་པ་འདུག ཕབ་ལེན་གཞན་པ་མཚམས་འཇོག་ཅིང་དྲ་ཆས་ལ་ལྟོས།',
      power_cuts: 'ཉིན་གཅིག་ནང་གློག་ཐེངས་གསུམ་མམ་དེ་ལས་མང་བ་ཆད་འདུག གློག་གི་འཛུགས་ས་ལ་ལྟོས།',
      link_cuts: 'ཉིན་གཅིག་ནང་དྲ་རྒྱ་ཐེངས་ལྔའམ་དེ་ལས་མང་བ་ཆད་འདུག དྲ་ཆས་དང་དྲ་སྐུད་ལ་ལྟོས།',
      microphone_quiet:
        'གཟའ་འཁོར་གཅིག་ལ་སློབ་ཁང་འདིའི་སྒྲ་སྡུད་ཆས་ནས་སྐད་གང་ཡང་མ་ཐོས། སྒྲ་སྡུད་ཆས་ཀྱི་མཐེབ་གནོན་དང་སྐུད་པ་ལ་ལྟོས་ནས་སློབ་ཁང་ཞིབ་བཤེར་བྱེད།',
      space_low: 'སྡུད་སྡེར་གང་ལ་ཉེ། མི་དགོས་པའི་ཡིག་ཆ་སུབས།',
      update_failed: 'པར་གཞི་གསར་པ་འདིར་མ་འགྲིག འཆར་ངོས་པར་གཞི་རྙིང་པར་ཕྱིར་ལོག་འདུག “འཆར་ངོས་གསར་བསྒྱུར” ཤོག་ངོས་ལ་ལྟོས།',
    },
    opened: 'བྱུང་བ།',
    cleared: 'སླར་གསོ་བྱུང་།',
    since: (time) => `${time} ནས།`,
    foot: '“སློབ་ཁང་དང་སྒྲིག་ཆས” > “དྲན་སྐུལ” ནང་ནས་ངོས་ལེན་ནམ་བརྡ་གཏོང་སྟངས་བརྗེ་ཆོག',
    testSubject: 'དུས་མཉམ་སློབ་ཁྲིད། · ཚོད་ལྟའི་ཡིག་ཟམ།',
    test: 'འདི་ནི་ཚོད་ལྟའི་ཡིག་ཟམ་ཡིན། དྲན་སྐུལ་འདིར་འབྱོར་ངེས།',
  },
  en: {
    subject: (n) => `Tongke · rooms and devices (${n})`,
    kind: {
      offline_lesson:
        'The screen is away, and a lesson is near or running: call the room, look at power and link.',
      offline: 'The screen is away, with a lesson today: look at power and link before it.',
      check_red: 'The check before the lesson failed: open the page of the room and do what it says.',
      input_trouble: 'Camera or microphone in trouble: unplug it and plug it in again.',
      link_poor: 'The link has been poor for a while: stop other downloads, look at the router.',
      power_cuts: 'Lost power three times or more in a day: look at the socket and the supply.',
      link_cuts: 'The link broke off five times or more in a day: look at the router and its cables.',
      microphone_quiet:
        'No voice came from this room’s microphone all week: look at its switch and cable, and check the room.',
      space_low: 'The disk is nearly full: delete what is not needed.',
      update_failed:
        'The new build failed here, and the screen was given the former one again: look at “Updates of the screens”.',
    },
    opened: 'Happened',
    cleared: 'Well again',
    since: (time) => `since ${time}`,
    foot: 'Under “Rooms and devices” > “Alerts” you can acknowledge them, or change how you are told.',
    testSubject: 'Tongke · a test',
    test: 'This is a test: alerts will come here.',
  },
};
