import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { canonicalDomain, domainResolver } from '../internet-names.js';
import {
  LOOK_BACK_HOURS,
  prevalenceSchema,
  readPrevalence,
  statisticsSchema,
} from './prevalence/prevalence.js';

const answerSchema = statisticsSchema.extend({ host: z.string().nullish() });

/** The devices of the organisation that connected to a domain. */
export default defineEnrichment({
  name: 'defender.domain-prevalence',
  title: 'Count the devices that connected to the domain',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-domain-statistics',
  entity: 'dns',
  resolver: domainResolver,
  output: z.object({ domain: z.string() }).extend(prevalenceSchema.shape),
  permissions: [
    { api: 'WindowsDefenderATP', name: 'URL.Read.All', why: 'read how many devices connected to a domain' },
  ],
  quota: 'defender-domains',
  calls: 1,
  async run({ text }, ctx) {
    const where = path`/api/domains/${text}/stats?lookBackHours=${LOOK_BACK_HOURS}`;
    const isAboutIt = ({ host }: z.infer<typeof answerSchema>) => !host || canonicalDomain(host) === text;
    return { domain: text, ...(await readPrevalence(where, answerSchema, isAboutIt, ctx)) };
  },
});
