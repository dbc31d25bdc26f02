import { camelCase, type NewAction } from './new-action.js';

/** A machine action of Defender that leaves nothing in force. */
export function machineActionSource({ name, what }: NewAction): string {
  return `import { machineAction } from './machines/machine-action.js';
import { once } from './machines/once.js';

/** TODO: what it does. */
export default machineAction({
  name: '${name}',
  title: 'TODO: what it does',
  docs: 'https://learn.microsoft.com/TODO',
  permission: 'Machine.Scan',
  why: 'TODO',
  risk: 'low',
  impact: 'TODO: one sentence for the approver: the effect on people and machines.',
  effect: once({
    type: '${machineActionType(what)}',
    call: '${camelCase(what)}',
    noun: '${what.replaceAll('-', ' ')}',
    covers: () => true,
    noUndo: 'TODO: why it cannot be undone.',
  }),
});
`;
}

/** `collect-package` → `CollectPackage`. */
export function machineActionType(what: string): string {
  return camelCase(`-${what}`);
}
