import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { knownCount, knownItems } from '../lower-bound.js';
import { odataListSchema } from '../odata-list.js';
import { machineResolver } from './machines/machine-resolver.js';

const userSchema = z.looseObject({
  /** `domain\name` */
  id: z.string(),
  lastSeen: z.string().nullish(),
  isDomainAdmin: z.boolean().nullish(),
  isOnlyNetworkUser: z.boolean().nullish(),
});
const answerSchema = odataListSchema(userSchema);
const count = z.number().int().nonnegative();

/** The accounts that signed in to a device, and whether one of them is an administrator of the domain. */
export default defineEnrichment({
  name: 'defender.logged-on-users',
  title: 'List the accounts that signed in to the device',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-machine-log-on-users',
  entity: 'host',
  resolver: machineResolver,
  output: z.object({
    machineId: z.string(),
    total: count.optional(),
    domainAdmins: count
      .optional()
      .describe(
        'Administrators of the domain; absent if Defender names none and does not say for all accounts',
      ),
    networkOnly: count.optional().describe('Accounts that signed in over the network only'),
    accounts: z
      .array(z.string())
      .optional()
      .describe('Up to ten, as `domain\\name`: the one that Defender saw last is the first'),
    complete: z
      .boolean()
      .describe(
        'False: the answer was incomplete. Numbers are lower bounds, the list is partial, and both are absent if nothing was counted',
      ),
  }),
  permissions: [
    { api: 'WindowsDefenderATP', name: 'User.Read.All', why: 'read who signed in to a device' },
    { api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'find the device' },
  ],
  quota: 'defender-machines',
  calls: 1,
  async run({ machine }, ctx) {
    const { clients, signal } = ctx;
    const where = path`/api/machines/${machine.id}/logonusers`;
    const { body } = await clients.defender.get(where, answerSchema, { signal });
    const complete = !body['@odata.nextLink'];
    const sorted = [...body.value].sort((a, b) => seenAt(b.lastSeen) - seenAt(a.lastSeen));
    const counted = (property: 'isDomainAdmin' | 'isOnlyNetworkUser') =>
      knownCount(
        sorted.filter((user) => user[property] === true).length,
        complete && sorted.every((user) => typeof user[property] === 'boolean'),
      );
    return {
      machineId: machine.id,
      total: knownCount(sorted.length, complete),
      domainAdmins: counted('isDomainAdmin'),
      networkOnly: counted('isOnlyNetworkUser'),
      accounts: knownItems(
        sorted.slice(0, 10).map(({ id }) => id),
        complete,
      ),
      complete,
    };
  },
});

const seenAt = (text: string | null | undefined): number => Date.parse(text ?? '') || 0;
