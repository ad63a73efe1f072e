import type { Catalogue } from '../catalogue.ts';
import type { fileError as model } from '../zh-CN/prepare.ts';

export const prepare: Catalogue['prepare'] = {
  title: 'Prepare',
  open: 'Prepare',
  back: 'Back',
  teach: 'Go and teach',
  intro: 'Make pages of your courseware and put them in order: in the lesson you only turn them.',
  add: 'Add courseware',
  drop: 'Drop files here, or choose some',
  takes: 'PDF, PPTX and pictures (PNG, JPEG, WebP, GIF, SVG), up to 100 MB each.',
  noSlides:
    'This server cannot open PPTX yet. Save the slides as PDF and add that, or ask your technician to install LibreOffice.',
  files: 'Courseware',
  noFiles: 'No courseware yet.',
  arriving: 'On its way, {{percent}}%',
  interrupted: 'Interrupted, {{percent}}% is here. Choose the same file again: it goes on from there.',
  waiting: 'Here; waiting its turn',
  working: 'Making pages: {{n}} of {{all}}',
  opening: 'Opening the file',
  ready: 'Pages added: {{n}}',
  retry: 'Try again',
  giveUp: 'Cancel {{name}}',
  dismiss: 'Remove {{name}}',
  pages: 'Pages',
  pagesHint: 'Drag to put them in order, or choose a page and use the buttons below.',
  earlier: 'Go on with an earlier board',
  earlierHint: 'Brings the board of an earlier lesson of this course, to write on.',
  noEarlier: 'There is no earlier board of this course yet.',
  bringAny: 'Add courseware or an earlier board',
  bring: 'Bring its pages ({{n}})',
  brought: 'Pages added: {{n}}',
  dragged: 'Page {{n}}',
  fileLoading: 'The page is on its way',
  fileFailed: 'The picture of this page did not come. It is tried again by itself.',
};

export const fileError: Readonly<Record<keyof typeof model, string>> = {
  file_too_large:
    'This file is too large: 100 MB at most. Shrink its pictures, or split it into several files.',
  file_kind_unknown:
    'This is no PDF, picture or PPTX, whatever its name says. Choose another file, or save it as PDF.',
  file_damaged: 'This file is not complete, or damaged. Export or download it anew, then add it again.',
  file_locked: 'This file asks for a password. Remove the password, then add it again.',
  file_active:
    'There is program code in this file. Export it anew without it, for example by printing it as a PDF.',
  file_swells:
    'Unpacked, this file becomes suspiciously large, so it was not opened. Save the slides as PDF.',
  picture_too_large:
    'This picture is too large: 64 million pixels at most. Make it smaller, then add it again.',
  drawing_too_complex: 'This drawing is too complex to turn to quickly. Export it as PNG, then add that.',
  pages_too_many: 'There are too many pages: 200 a file at most. Keep those that this lesson needs.',
  slides_unavailable:
    'This server cannot open PPTX yet. Save the slides as PDF and add that, or ask your technician to install LibreOffice.',
  pdf_unavailable:
    'This server cannot open PDF yet. Add pictures instead, or ask your technician to install poppler-utils.',
  conversion_failed:
    'This file could not be made into pages; it may be too complex. Try again, or save it as PDF.',
  storage_full:
    'Your school’s space for courseware is full. Remove what is not needed, or ask your administrator for more.',
};
