import type { Catalogue } from '../catalogue.ts';

export const storage: Catalogue['storage'] = {
  space: 'Space',
  spaceHint: 'What recordings and courseware take, and how much room is left for lessons to be recorded.',
  disk: 'Room left',
  hours: 'About {{n}} hours of recording ({{size}} free)',
  minutes: 'About {{n}} minutes of recording ({{size}} free)',
  low: 'About {{n}} minutes of recording are left. Delete replays that nobody needs any more, or have the disk enlarged.',
  full: 'The disk is full. Lessons go on but are not recorded: make room now.',
  lessons: '{{n}} recorded lessons, {{size}} in all with courseware',
  nothing: 'Nothing recorded yet',
  voice: 'Voice',
  picture: 'Pictures',
  tracks: 'As recorded',
  courseware: 'Courseware',
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
