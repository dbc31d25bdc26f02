import { importPath, type NewAction, namesOf } from './new-action.js';

const TARGETS = {
  host: [
    'defender/machines/machine-target.js',
    'machineInputSchema',
    'machineTarget',
    'MachineInput',
    'machineId',
  ],
  account: ['entra/users/user-resolver.js', 'userInputSchema', 'userTarget', 'UserInput', 'objectId'],
} as const;

/** A state of a record: read it, change it by one request, read it back. */
export function responseSource(action: NewAction): string {
  const { name, service, entity } = action;
  const { client, permission, quota, where: callOn } = namesOf(action);
  const [module, schema, target, input, id] = TARGETS[entity === 'host' ? 'host' : 'account'];
  const from = importPath(service, module);
  const where = callOn(`input.${id}`);
  return `import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { type ActionContext, defineResponse, irreversible } from '../define.js';
import { readAfterUnknownOutcome } from '../unknown-outcome.js';
import { type ${input}, ${schema}, ${target} } from '${from}';

/** FILL_IN: the properties that show whether the effect is in force. */
const stateSchema = z.looseObject({ done: z.boolean() });

/** FILL_IN: what it does. */
export default defineResponse({
  name: '${name}',
  title: 'FILL_IN: what it does',
  docs: 'https://learn.microsoft.com/FILL_IN',
  entity: '${entity}',
  input: ${schema},
  output: z.object({ changed: z.boolean().describe('This run changed it') }),
  permissions: [${permission}],
  quota: '${quota}',
  calls: 2,
  risk: 'disruptive',
  impact: 'FILL_IN: one sentence for the approver: the effect on people and machines.',
  // FILL_IN: how long the service may take until the effect is in force.
  takesUpTo: '15m',
  // FILL_IN: whether the same request, sent twice, has the effect of one.
  idempotent: false,
  // FILL_IN: properties of the output with the state before; an undo restores it.
  captures: [],
  target: ${target},
  async run(input, ctx) {
    // FILL_IN: does the service not record who acted? Then return { state: 'prechecked', … } before the first write.
    if (await isDone(input, ctx)) {
      return { state: 'already-done', output: { changed: false }, evidence: {} };
    }
    try {
      const { signal } = ctx;
      await ctx.clients.${client}.post(path\`${where}\`, { FILL_IN: true }, z.unknown(), { signal });
    } catch (error) {
      if (!(await readAfterUnknownOutcome(error, () => isDone(input, ctx)))) throw error;
    }
    return { state: 'requested', output: { changed: true }, evidence: {}, began: true };
  },
  async confirm(input, _output, ctx) {
    if (!(await isDone(input, ctx))) return { state: 'pending', status: 'FILL_IN: not yet in force.' };
    return { state: 'confirmed', proof: 'FILL_IN: what was read back.', evidence: {} };
  },
  undo: irreversible('FILL_IN: why it cannot be undone, or an undo with run and confirm.'),
});

async function isDone(input: ${input}, ctx: ActionContext): Promise<boolean> {
  const { signal } = ctx;
  return (await ctx.clients.${client}.get(path\`${where}\`, stateSchema, { signal })).body.done;
}
`;
}
