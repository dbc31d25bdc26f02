import { type NewAction, namesOf, recordId } from './new-action.js';

/** One call of a JSON service. */
export function enrichmentSource(action: NewAction): string {
  const { name, entity } = action;
  const { resolver, from, found, client, api } = namesOf(action);
  return `import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { ${resolver} } from '${from}';

/** Only the properties that are used. */
const answerSchema = z.looseObject({ FILL_IN: z.string() });

/** FILL_IN: what it looks up. */
export default defineEnrichment({
  name: '${name}',
  title: 'FILL_IN: what it looks up',
  docs: 'https://learn.microsoft.com/FILL_IN',
  entity: '${entity}',
  resolver: ${resolver},
  output: z.object({ FILL_IN: z.string().describe('FILL_IN') }),
  permissions: [{ api: '${api}', name: 'FILL_IN', why: 'read FILL_IN' }],
  quota: 'FILL_IN',
  calls: 1,
  async run(${found}, ctx) {
    const where = path\`/\${FILL_IN}/\${${recordId(action)}}\`;
    const { body } = await ctx.clients.${client}.get(where, answerSchema, { signal: ctx.signal });
    return { FILL_IN: body.FILL_IN };
  },
});
`;
}

/** One query of a Log Analytics workspace. */
export function querySource(action: NewAction): string {
  const { name, entity } = action;
  const { resolver, from, found, api } = namesOf(action);
  return `import { z } from 'zod';
import { kql } from '../../domain/builders/kql.js';
import { defineEnrichment } from '../define.js';
import { ${resolver} } from '${from}';
import { customerIdOf } from '../incident-workspace.js';

const QUERY = 'FILL_IN | where FILL_IN == id | summarize FILL_IN';
const rowSchema = z.object({ FILL_IN: z.number() });

/** FILL_IN: what it looks up. */
export default defineEnrichment({
  name: '${name}',
  title: 'FILL_IN: what it looks up',
  docs: 'https://learn.microsoft.com/FILL_IN',
  entity: '${entity}',
  resolver: ${resolver},
  output: z.object({ FILL_IN: z.number().describe('FILL_IN') }),
  permissions: [{ api: '${api}', name: 'FILL_IN', why: 'read FILL_IN' }],
  quota: 'FILL_IN',
  calls: 1,
  async run(${found}, ctx) {
    const { clients, signal } = ctx;
    const query = kql(QUERY, { id: ${recordId(action)} });
    const result = await clients.logs.query(customerIdOf(ctx), query, 'P1D', { signal });
    return { FILL_IN: rowSchema.parse(result.rows[0]).FILL_IN };
  },
});
`;
}
