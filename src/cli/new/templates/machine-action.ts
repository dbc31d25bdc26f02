import type { NewAction } from './new-action.js';

/** A machine action of Defender that leaves nothing in force. */
export function machineActionSource({ name, what }: NewAction): string {
  return `import { machineAction } from './machines/machine-action.js';
import { once } from './machines/once.js';

/** FILL_IN: what it does. */
export default machineAction({
  name: '${name}',
  title: 'FILL_IN: what it does',
  docs: 'https://learn.microsoft.com/FILL_IN',
  permission: 'FILL_IN',
  why: 'FILL_IN',
  risk: 'FILL_IN',
  impact: 'FILL_IN: one sentence for the approver: the effect on people and machines.',
  effect: once({
    // The action's type in Defender's answers.
    type: 'FILL_IN',
    // The last segment of the request's path.
    call: 'FILL_IN',
    noun: '${what.replaceAll('-', ' ')}',
    // Whether one in progress that somebody else requested has at least this effect.
    covers: () => FILL_IN,
    noUndo: 'FILL_IN: why it cannot be undone.',
  }),
});
`;
}
