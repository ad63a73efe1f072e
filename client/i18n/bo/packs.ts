import type { Catalogue } from '../catalogue.ts';

export const packs: Pick<Catalogue, 'pack'> = {
  pack: {
    title: 'སློབ་ཆས་སྔོན་ལེན།',
    here: 'སློབ་ཆས་འབྱོར་ཟིན།',
    part: 'སློབ་ཆས་ {{percent}}% འབྱོར་ཡོད།',
    missing: 'སློབ་ཆས་མ་འབྱོར།',
    fetch: 'སློབ་ཆས་སྔོན་ལེན། ({{size}} MB)',
    fetching: 'སློབ་ཆས་ལེན་བཞིན་ཡོད། {{percent}}%',
    fetchHint: 'སློབ་ཁྲིད་སྐབས་དྲ་རྒྱ་མི་སྤྱོད། སློབ་ཁྲིད་སྐབས་རང་འགུལ་གྱིས་མཚམས་འཇོག',
    none: 'ཉེ་ཆར་སློབ་ཚན་མེད།',
  },
};
