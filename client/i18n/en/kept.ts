import type { Catalogue } from '../catalogue.ts';

export const kept: Pick<Catalogue, 'kept'> = {
  kept: {
    title: 'Lessons on this device',
    count: 'Lessons on this device: {{count}}',
    signOutTitle: 'Sign out',
    signOutText:
      'This device keeps lessons of yours: {{count}}, {{size}} in all. If others use it too, remove them.',
    signOutRemove: 'Remove and sign out',
    signOutKeep: 'Keep them, only sign out',
    watchLive: 'From the beginning',
  },
};
