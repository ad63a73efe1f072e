import type { Catalogue } from '../catalogue.ts';

export const packs: Pick<Catalogue, 'pack'> = {
  pack: {
    title: 'Materials ahead',
    here: 'Materials are here',
    part: 'Materials {{percent}}% here',
    missing: 'Materials missing',
    fetch: 'Fetch materials ahead ({{size}} MB)',
    fetching: 'Fetching materials, {{percent}}%',
    fetchHint: 'The lesson then leaves the link alone. Pauses while a lesson is on.',
    full: 'This device is full; not all of it is here. The rest comes page by page in the lesson.',
    none: 'No lessons in the next days',
  },
};
