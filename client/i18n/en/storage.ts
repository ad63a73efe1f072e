import type { Catalogue } from '../catalogue.ts';

export const storage: Catalogue['storage'] = {
  space: 'Space',
  spaceHint: 'What recordings and courseware take, and how much room is left for lessons to be recorded.',
  disk: 'Room left',
  hours: 'About {{n}} hours of recording ({{size}} free)',
  minutes: 'About {{n}} minutes of recording ({{size}} free)',
  low: 'About {{n}} minutes of recording are left. Delete replays that nobody needs any more, or have the disk enlarged.',
  full: 'The disk is full. Lessons go on but are not recorded: make room now.',
  lessons: 'Recorded lessons: {{n}}, {{size}} in all with courseware',
  nothing: 'Nothing recorded yet',
  voice: 'Voice',
  picture: 'Pictures',
  tracks: 'As recorded',
  courseware: 'Courseware',
  rules: 'How much, and how long',
  rulesText:
    'Holds from the next night on for all replays of this school, published ones too. What is deleted cannot be brought back.',
  pictureDays: 'Keep pictures',
  allDays: 'Keep whole replays',
  ever: 'For ever',
  days: '{{n}} days after the lesson',
  leadDeletes: 'Teachers may delete replays of their own lessons',
  save: 'Save',
  saved: 'Saved',
  shorter: 'Delete what is older?',
  shorterText: 'In the coming night everything older than this is deleted for good.',
  near: '{{school}} has used {{n}}% of the space for its recordings. When it is used up, lessons are recorded without pictures. Delete replays that nobody needs, keep them for a shorter time, or give the school more space.',
  over: '{{school}} has used all the space for its recordings: lessons are recorded with voice and board, without pictures. Delete replays that nobody needs, keep them for a shorter time, or give the school more space.',
  quota: 'Space for recordings',
  quotaNone: 'All there is',
  quotaGb: '{{n}} GB',
  used: '{{n}}% of {{size}} used',
  damaged: 'Damaged recordings',
  damagedVoice:
    'The voice of “{{title}}” ({{when}}) is lost in places; the replay steps over them. A backup of the server’s data folder may still have it: ask the operator.',
  damagedPicture:
    'The pictures of “{{title}}” ({{when}}) are lost; voice and board still play. A backup of the server’s data folder may still have them: ask the operator.',
  damagedTracks:
    '“{{title}}” ({{when}}) plays, but what it was made of is damaged: another cut of it may miss something. Take it away as an archive, and ask the operator for a backup.',
  damagedMended: '“{{title}}” ({{when}}) was damaged and has been made again; nothing is missing.',
  damagedAdvice:
    'The disk or the store did not give back what was written there. Have it checked, and replaced if this happens again.',
  damagedLost: 'Something of the recordings was lost: the disk or the store is failing.',
  away: 'Where recordings are kept does not answer, or its settings were taken away: what lies there cannot be watched. Nothing is lost; ask the operator.',
  unmade: 'Not made',
  unmadeVoice: 'The replay of “{{title}}” ({{when}}) could not be made.',
  unmadeAac:
    'The pictures of “{{title}}” ({{when}}), and its voice for some devices, could not be made; voice and board play elsewhere.',
  unmadePicture: 'The pictures of “{{title}}” ({{when}}) could not be made; voice and board play.',
  unmadeAdvice:
    'What was recorded is kept. It is tried again once a day by itself: ask the operator, whose log says why it failed.',
  unmadeTrying: '“{{title}}” ({{when}}) is being made once more.',
  unmadeGone:
    '“{{title}}” ({{when}}) cannot be made again: what was recorded is gone. A backup of the server’s data folder may still have it: ask the operator.',
  unmadeSome: 'Something that was recorded could not be made into a replay.',
  delete: 'Delete the replay',
  deleteText:
    'Voice, picture, board, captions, links and courseware are deleted for good, and everybody’s notes and questions with them. The timetable still says that the lesson was taught.',
  mergedStay: 'What is of it in a merged lesson stays; delete that one, too, if nothing is to be left:',
  goOn: 'Go on',
  sure: 'Delete “{{title}}” for good?',
  sureText: 'It cannot be brought back. Copies that somebody has taken away, and backups, are not reached.',
  forGood: 'Delete for good',
  keep: 'Keep it',
  deleted: 'The replay is deleted. Nothing of it is left.',
  deleting:
    'Nobody is given the replay any more. Something could not be removed just now; that goes on by itself.',
};
