import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { knownCount, knownItems } from '../lower-bound.js';
import { machineResolver } from './machines/machine-resolver.js';

const vulnerabilitySchema = z.looseObject({
  id: z.string(),
  severity: z.string().nullish(),
  cvssV3: z.number().nullish(),
  publicExploit: z.boolean().nullish(),
  exploitVerified: z.boolean().nullish(),
  exploitInKit: z.boolean().nullish(),
});
type Vulnerability = z.infer<typeof vulnerabilitySchema>;
const answerSchema = z.looseObject({
  value: z.array(vulnerabilitySchema),
  '@odata.nextLink': z.string().nullish(),
});

const count = z.number().int().nonnegative();

/** Known vulnerabilities of a device, and how many of them have an exploit. */
export default defineEnrichment({
  name: 'defender.vulnerabilities',
  title: 'Count the vulnerabilities of the device',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-discovered-vulnerabilities',
  entity: 'host',
  resolver: machineResolver,
  output: z.object({
    machineId: z.string(),
    total: count.optional(),
    critical: count.optional(),
    high: count.optional(),
    exploitable: count.optional().describe('A public or verified exploit exists, or one in an exploit kit'),
    worst: z
      .array(z.string())
      .optional()
      .describe('Up to ten CVE numbers: exploitable first, then by CVSS score'),
    complete: z
      .boolean()
      .describe(
        'False: the answer was incomplete. Numbers are lower bounds, the list is partial, and both are absent if nothing was counted',
      ),
  }),
  permissions: [
    {
      api: 'WindowsDefenderATP',
      name: 'Vulnerability.Read.All',
      why: 'read the vulnerabilities of a device',
    },
    { api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'find the device' },
  ],
  quota: 'defender-vulnerabilities',
  calls: 1,
  async run({ machine }, ctx) {
    const { body } = await ctx.clients.defender.get(
      path`/api/machines/${machine.id}/vulnerabilities`,
      answerSchema,
      { signal: ctx.signal },
    );
    const sorted = [...body.value].sort(
      (a, b) => Number(isExploitable(b)) - Number(isExploitable(a)) || (b.cvssV3 ?? 0) - (a.cvssV3 ?? 0),
    );
    const countBySeverity = (severity: string) =>
      sorted.filter((one) => one.severity?.toLowerCase() === severity).length;
    const complete = !body['@odata.nextLink'];
    return {
      machineId: machine.id,
      total: knownCount(sorted.length, complete),
      critical: knownCount(countBySeverity('critical'), complete),
      high: knownCount(countBySeverity('high'), complete),
      exploitable: knownCount(sorted.filter(isExploitable).length, complete),
      worst: knownItems(
        sorted.slice(0, 10).map(({ id }) => id),
        complete,
      ),
      complete,
    };
  },
});

function isExploitable({ publicExploit, exploitVerified, exploitInKit }: Vulnerability): boolean {
  return publicExploit === true || exploitVerified === true || exploitInKit === true;
}
