import { camelCase, type NewAction } from './new-action.js';

/** A machine action of Defender that leaves nothing in force. */
export function machineActionSource({ name, what }: NewAction): string {
  return `import { machineAction } from './machines/machine-action.js';
import { once } from './machines/once.js';

/** FILL_IN: what it does. */
export default machineAction({
  name: '${name}',
  title: 'FILL_IN: what it does',
  docs: 'https://learn.microsoft.com/FILL_IN',
  permission: 'Machine.Scan',
  why: 'FILL_IN',
  risk: 'safe',
  impact: 'FILL_IN: one sentence for the approver: the effect on people and machines.',
  effect: once({
    // FILL_IN: the action's type in Defender's answers.
    type: '${machineActionType(what)}',
    // FILL_IN: the last segment of the request's path.
    call: '${camelCase(what)}',
    noun: '${what.replaceAll('-', ' ')}',
    // FILL_IN: whether one in progress that somebody else requested has at least this effect.
    covers: () => false,
    noUndo: 'FILL_IN: why it cannot be undone.',
  }),
});
`;
}

/** `collect-package` → `CollectPackage`. */
export function machineActionType(what: string): string {
  return camelCase(`-${what}`);
}
