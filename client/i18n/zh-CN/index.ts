import { after } from './after.ts';
import { alerts } from './alerts.ts';
import { board } from './board.ts';
import { common } from './common.ts';
import { dataUse } from './data-use.ts';
import { entry } from './entry.ts';
import { device, error } from './error.ts';
import { kept } from './kept.ts';
import { lesson } from './lesson.ts';
import { links } from './links.ts';
import { outage } from './outage.ts';
import { packs } from './packs.ts';
import { plot } from './plot.ts';
import { prepare } from './prepare.ts';
import { rooms } from './rooms.ts';
import { storage } from './storage.ts';
import { teach } from './teach.ts';
import { tokens } from './tokens.ts';
import { updates } from './updates.ts';

export default {
  ...common,
  ...entry,
  ...kept,
  ...lesson,
  ...outage,
  ...packs,
  ...rooms,
  after,
  board,
  dataUse,
  teach,
  device,
  plot,
  prepare,
  alerts,
  links,
  storage,
  tokens,
  updates,
  error,
};
