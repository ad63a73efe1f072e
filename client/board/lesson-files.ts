import { createContext } from 'react';

/** Whose files are drawn beneath the ink: the lesson's that is shown. */
export const LessonFiles = createContext('');
