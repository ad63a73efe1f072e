import type { Catalogue } from '../catalogue.ts';

export const tokens: Catalogue['tokens'] = {
  title: 'Access for programs',
  intro: 'A token lets a program read or manage in your name, and never more than you may yourself.',
  docs: 'What can be asked',
  none: 'No tokens yet',
  noneHint: 'Make one above when a program should read how the rooms are.',
  name: 'What it is for',
  until: 'Good for',
  days: '{{n}} days',
  scopes: 'What it may do',
  scope: {
    lessons: { read: 'Read lessons and replays' },
    rooms: { read: 'Read rooms and devices', manage: 'Manage rooms and devices, remote actions too' },
    timetable: { manage: 'Manage the timetable' },
  },
  create: 'Make a token',
  once: 'Copy it now, it is not shown again:',
  unused: 'Never used',
  used: 'Used {{when}}',
  ends: 'Ends {{when}}',
  revoke: 'Revoke',
  revokeText: 'The program that uses “{{name}}” loses its access at once.',
};
