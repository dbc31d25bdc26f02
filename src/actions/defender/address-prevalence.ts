import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { addressResolver, canonicalAddress } from '../address.js';
import { defineEnrichment } from '../define.js';
import {
  LOOK_BACK_HOURS,
  prevalenceSchema,
  readPrevalence,
  statisticsSchema,
} from './prevalence/prevalence.js';

const answerSchema = statisticsSchema.extend({ ipAddress: z.string().nullish() });

/** The devices of the organisation that connected to a public address. */
export default defineEnrichment({
  name: 'defender.address-prevalence',
  title: 'Count the devices that connected to the address',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-ip-statistics',
  entity: 'ip',
  resolver: addressResolver,
  output: z.object({ address: z.string() }).extend(prevalenceSchema.shape),
  permissions: [
    { api: 'WindowsDefenderATP', name: 'Ip.Read.All', why: 'read how many devices connected to an address' },
  ],
  quota: 'defender-addresses',
  calls: 1,
  async run({ address }, ctx) {
    const where = path`/api/ips/${address}/stats?lookBackHours=${LOOK_BACK_HOURS}`;
    const isAboutIt = ({ ipAddress }: z.infer<typeof answerSchema>) =>
      !ipAddress || canonicalAddress(ipAddress) === canonicalAddress(address);
    return { address, ...(await readPrevalence(where, answerSchema, isAboutIt, ctx)) };
  },
});
