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
  const { client, api } = namesOf(action);
  const [module, schema, target, input, id] = TARGETS[entity === 'host' ? 'host' : 'account'];
  return `import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { type ActionContext, defineResponse, irreversible } from '../define.js';
import { readAfterUnknownOutcome } from '../unknown-outcome.js';
import { type ${input}, ${schema}, ${target} } from '${importPath(service, module)}';

/** Only the properties that show whether the effect is in force. */
const stateSchema = z.looseObject({ FILL_IN: z.string() });

/** FILL_IN: what it does. */
export default defineResponse({
  name: '${name}',
  title: 'FILL_IN: what it does',
  docs: 'https://learn.microsoft.com/FILL_IN',
  entity: '${entity}',
  input: ${schema},
  output: z.object({
    changed: z
      .union([z.boolean(), z.literal('unknown')])
      .describe('This action changed it; unknown: this action or someone else did'),
  }),
  permissions: [
    { api: '${api}', name: 'FILL_IN', why: 'read FILL_IN' },
    { api: '${api}', name: 'FILL_IN', why: 'change FILL_IN' },
  ],
  quota: 'FILL_IN',
  calls: 3,
  risk: 'FILL_IN',
  impact: 'FILL_IN: one sentence for the approver: the effect on people and machines.',
  // How long the service may take until the effect is in force, e.g. 15m.
  takesUpTo: 'FILL_IN',
  // Whether the same request, sent twice, has the effect of one.
  idempotent: 'FILL_IN',
  // FILL_IN: properties of the output with the state before; an undo restores it.
  captures: [],
  target: ${target},
  async run(input, ctx) {
    const inForce = await isInForce(input, ctx);
    // Most services do not record who acted. The history does: a call that is repeated after a crash has \`prechecked\`.
    if (!ctx.prechecked) {
      return inForce
        ? { state: 'already-done', output: { changed: false }, evidence: {} }
        : { state: 'prechecked', evidence: {} };
    }
    if (!inForce) await request(input, ctx);
    return { state: 'requested', output: { changed: inForce ? 'unknown' : true }, evidence: {}, began: true };
  },
  async confirm(input, _output, ctx) {
    if (!(await isInForce(input, ctx))) return { state: 'pending', status: 'FILL_IN: not yet in force.' };
    return { state: 'confirmed', proof: 'FILL_IN: what was read back.', evidence: {} };
  },
  undo: irreversible('FILL_IN: why it cannot be undone, or an undo with run and confirm.'),
});

async function request(input: ${input}, ctx: ActionContext): Promise<void> {
  const where = path\`/\${FILL_IN}/\${input.${id}}\`;
  const body = FILL_IN;
  try {
    await ctx.clients.${client}.post(where, body, z.unknown(), { signal: ctx.signal });
  } catch (error) {
    // The outcome may be unknown: then the state shows whether the request was carried out.
    if (!(await readAfterUnknownOutcome(error, () => isInForce(input, ctx)))) throw error;
  }
}

async function isInForce(input: ${input}, ctx: ActionContext): Promise<boolean> {
  const where = path\`/\${FILL_IN}/\${input.${id}}\`;
  const { body } = await ctx.clients.${client}.get(where, stateSchema, { signal: ctx.signal });
  return body.FILL_IN === FILL_IN;
}
`;
}
