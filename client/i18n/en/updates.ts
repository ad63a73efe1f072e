import type { Catalogue } from '../catalogue.ts';

export const updates: Catalogue['updates'] = {
  title: 'Updates of the screens',
  hint: 'A new build goes to one room, then to a quarter of all, then to the rest; never in a lesson nor in the 15 minutes before one. Each screen is checked afterwards. Where that goes badly, the update halts and the former build comes back.',
  noBuild: 'The pages are not built on this server: there is nothing to update screens to.',
  allNew: 'All screens run the newest build ({{build}}).',
  behind: 'Rooms without the newest build ({{build}}): {{n}}',
  first: 'Try it first in',
  soak: 'How long each wave is watched',
  minutes: '{{n}} minutes',
  fail: 'Halt when more of a wave fail than',
  percent: '{{n}}%',
  start: 'Start the update',
  rollout: 'Update to {{build}}, begun {{when}}',
  state: {
    running: 'Under way',
    halted: 'Halted: no further screen changes',
    returned: 'Taken back: the screens get the build they had',
    done: 'Done',
  },
  haltedItself:
    'Halted by itself. Screens in trouble with the new build: {{n}}. This wave is going back to the build it had.',
  wave: 'Wave {{n}}',
  wellOf: '{{n}} of {{all}} well',
  waveWaits: 'not begun',
  waveRuns: 'begun {{when}}',
  waveSoaks: 'watched until {{when}}',
  waveDone: 'done {{when}}',
  step: {
    waiting: 'waits',
    told: 'is changing',
    back: 'has changed, is being checked',
    well: 'well',
    failed: 'no former build is kept for it',
    returning: 'is going back',
    returned: 'has its former build again',
  },
  failure: {
    not_back: 'did not come back',
    no_check: 'no check came',
    check_red: 'the check failed',
  },
  halt: 'Halt',
  return: 'Take all back',
  returnHint:
    'Every screen that this update changed goes back to the build it had; those in a lesson do so after it.',
  others: 'It concerns other schools too: whoever looks after all of them halts it or takes it back.',
};
