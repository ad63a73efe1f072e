/** What a person lets programs do in their name. */
export const tokens = {
  title: '程序访问',
  intro: '令牌让程序以您的名义读取或管理，能做的事不会超过您自己。',
  docs: '接口说明',
  none: '还没有令牌',
  noneHint: '需要让程序读取教室状态时，在上面新建一个。',
  name: '用途',
  until: '有效期',
  days: '{{n}} 天',
  scopes: '可以做什么',
  scope: {
    lessons: { read: '读取课程和回放' },
    rooms: { read: '读取教室和设备', manage: '管理教室和设备（包括远程操作）' },
    timetable: { manage: '管理课表' },
  },
  create: '新建令牌',
  once: '请现在抄下，以后不再显示：',
  unused: '还没有用过',
  used: '{{when}} 用过',
  ends: '{{when}} 到期',
  revoke: '作废',
  revokeText: '使用“{{name}}”的程序会马上失去访问。',
};
