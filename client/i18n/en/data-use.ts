import type { Catalogue } from '../catalogue.ts';

export const dataUse: Catalogue['dataUse'] = {
  lesson: 'This lesson: {{received}} received, {{sent}} sent',
  days: 'This device: {{today}} today, {{month}} this month',
  metered: 'This link is paid by the megabyte',
  off: 'No',
  on: 'Yes, save data',
  limit: 'This device may use a day',
  noLimit: 'No limit',
  mb: '{{n}} MB',
  over: 'Today’s {{n}} MB are used up: pictures are off, voice and board go on. “Save data” turns them on again.',
  ask: 'This link is paid by the megabyte',
  askText: 'This takes about {{size}}.',
  askGo: 'Fetch it anyway',
  keep: 'This link is paid by the megabyte: keeping this takes about {{size}}.',
};
