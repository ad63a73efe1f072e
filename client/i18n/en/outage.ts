import type { Catalogue } from '../catalogue.ts';

export const outage: Pick<Catalogue, 'behind'> = {
  behind: {
    seconds: '{{seconds}} s behind',
    minutes: '{{time}} behind',
    playing: 'Playing what was missed, a little faster',
    waiting: 'Fetching what was missed',
    leftOut: '{{time}} of the lesson could not be played here. It is in the replay.',
    skip: 'Skip to now',
  },
};
