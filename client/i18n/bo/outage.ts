import type { Catalogue } from '../catalogue.ts';

export const outage: Pick<Catalogue, 'behind'> = {
  behind: {
    seconds: 'སྐར་ཆ་ {{seconds}} ཕྱིས་ཡོད།',
    minutes: '{{time}} ཕྱིས་ཡོད།',
    playing: 'ཆད་སོང་བ་མགྱོགས་ཙམ་གཏོང་བཞིན་ཡོད།',
    waiting: 'ཆད་སོང་བ་ལེན་བཞིན་ཡོད།',
    leftOut: 'སློབ་ཁྲིད་ {{time}} འདིར་གཏོང་མ་ཐུབ། སློབ་ཁྲིད་གྲོལ་རྗེས་བསྐྱར་ལྟ་བྱེད་ཆོག',
    skip: 'ད་ལྟའི་སློབ་ཁྲིད་ལ་མཆོང་།',
  },
};
