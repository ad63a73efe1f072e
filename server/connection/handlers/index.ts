import type { Handlers } from '../context.ts';
import { boardHandlers } from './board.ts';
import { lessonHandlers } from './lesson.ts';
import { mediaHandlers } from './media.ts';
import { stageHandlers } from './stage.ts';

export const handlers: Handlers = { ...lessonHandlers, ...stageHandlers, ...boardHandlers, ...mediaHandlers };
