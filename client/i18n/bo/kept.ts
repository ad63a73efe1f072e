import type { Catalogue } from '../catalogue.ts';

export const kept: Pick<Catalogue, 'kept'> = {
  kept: {
    title: 'སྒྲིག་ཆས་འདིར་ཉར་བའི་སློབ་ཚན།',
    count: 'སྒྲིག་ཆས་འདིར་ཉར་བའི་སློབ་ཚན། {{count}}',
    signOutTitle: 'ཕྱིར་འཐོན།',
    signOutText: 'སྒྲིག་ཆས་འདིར་སློབ་ཚན་ {{count}} ཉར་ཡོད། ཁྱོན་ {{size}} མི་གཞན་གྱིས་འདི་བཀོལ་ན་མཉམ་དུ་སུབ་རོགས།',
    signOutRemove: 'སུབ་ནས་ཕྱིར་འཐོན།',
    signOutKeep: 'ཉར་བཞག ཕྱིར་འཐོན་ཁོ་ན།',
    watchLive: 'འགོ་ནས་ལྟ།',
  },
};
