import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { knownCount, knownItems } from '../lower-bound.js';
import { odataListSchema } from '../odata-list.js';
import { machineResolver } from './machines/machine-resolver.js';

const updateSchema = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  cveAddressed: z.number().nullish(),
});
const answerSchema = odataListSchema(updateSchema);
const count = z.number().int().nonnegative();

/** Security updates that a device does not have. */
export default defineEnrichment({
  name: 'defender.missing-updates',
  title: 'List the security updates that the device lacks',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-missing-kbs-machine',
  entity: 'host',
  resolver: machineResolver,
  output: z.object({
    machineId: z.string(),
    total: count.optional(),
    mostAddressed: count
      .optional()
      .describe(
        'Vulnerabilities that the most important of them fixes; several updates may fix the same ones',
      ),
    updates: z
      .array(z.string())
      .optional()
      .describe(
        'Up to ten, as `KB4540673 March 2020 Security Updates`: by the vulnerabilities that they fix',
      ),
    complete: z
      .boolean()
      .describe(
        'False: the answer was incomplete. Numbers are lower bounds, the list is partial, and both are absent if nothing was counted',
      ),
  }),
  permissions: [
    { api: 'WindowsDefenderATP', name: 'Software.Read.All', why: 'read the updates that a device lacks' },
    { api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'find the device' },
  ],
  // Its page gives no limit: the strictest of Defender's vulnerability management.
  quota: 'defender-vulnerabilities',
  calls: 1,
  async run({ machine }, ctx) {
    const { clients, signal } = ctx;
    const where = path`/api/machines/${machine.id}/getmissingkbs`;
    const { body } = await clients.defender.get(where, answerSchema, { signal });
    const complete = !body['@odata.nextLink'];
    const sorted = [...body.value].sort((a, b) => (b.cveAddressed ?? 0) - (a.cveAddressed ?? 0));
    return {
      machineId: machine.id,
      total: knownCount(sorted.length, complete),
      mostAddressed: knownCount(
        sorted[0]?.cveAddressed ?? 0,
        complete && sorted.every(({ cveAddressed }) => typeof cveAddressed === 'number'),
      ),
      updates: knownItems(
        sorted.slice(0, 10).map(({ id, name }) => `KB${id}${name ? ` ${name}` : ''}`),
        complete,
      ),
      complete,
    };
  },
});
