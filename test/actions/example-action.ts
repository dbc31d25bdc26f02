import { z } from 'zod';
import { machineResolver } from '../../src/actions/defender/machines/machine-resolver.js';
import { defineEnrichment } from '../../src/actions/define.js';
import { odata, path } from '../../src/domain/builders/path.js';

const answerSchema = z.looseObject({ value: z.array(z.looseObject({ status: z.string() })) });

/** How many machine actions of a device are still under way. */
export default defineEnrichment({
  name: 'defender.open-actions',
  title: 'Count what is under way on the device',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-machineactions-collection',
  entity: 'host',
  resolver: machineResolver,
  output: z.object({ open: z.number().int().describe('Machine actions that are Pending or InProgress') }),
  permissions: [{ api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'list machine actions' }],
  quota: 'defender-machine-actions',
  calls: 1,
  async run({ machine }, ctx) {
    const { body } = await ctx.clients.defender.get(
      path`/api/machineactions?$filter=${odata`machineId eq ${machine.id}`}`,
      answerSchema,
      { signal: ctx.signal },
    );
    return { open: body.value.filter(({ status }) => ['Pending', 'InProgress'].includes(status)).length };
  },
});
