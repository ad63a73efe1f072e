import type { Catalogue } from '../catalogue.ts';

export const storage: Catalogue['storage'] = {
  delete: 'Delete the replay',
  deleteText:
    'Voice, picture, board, captions, links and courseware are deleted for good, and everybody’s notes and questions with them. The timetable still says that the lesson was taught.',
  goOn: 'Go on',
  sure: 'Delete “{{title}}” for good?',
  sureText: 'It cannot be brought back. Copies that somebody has taken away, and backups, are not reached.',
  forGood: 'Delete for good',
  keep: 'Keep it',
  deleted: 'The replay is deleted. Nothing of it is left.',
  deleting:
    'Nobody is given the replay any more. Something could not be removed just now; that goes on by itself.',
};
