/** Socket rooms: everyone in a lesson, its lead, those who get its entries by datagrams, and those at their own pace. */
export const everyoneIn = (lesson: string) => `lesson:${lesson}`;
export const leadOf = (lesson: string) => `lead:${lesson}`;
export const fedIn = (lesson: string) => `fed:${lesson}`;
export const pacedIn = (lesson: string, everyMs: number) => `pace:${everyMs}:${lesson}`;

/** Whether a room is of a lesson, and is left with it. */
export const isOfLesson = (room: string, lesson: string) => room.endsWith(`:${lesson}`);
