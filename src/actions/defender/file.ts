import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { enumValueOf, optional } from '../enum-value.js';
import { countSchema, fileResolver, getIfKnown } from './files/file-resolver.js';

const statisticsSchema = z.looseObject({
  organizationPrevalence: countSchema.nullish(),
  orgPrevalence: countSchema.nullish(),
  globallyPrevalence: countSchema.nullish(),
  globalPrevalence: countSchema.nullish(),
  orgFirstSeen: z.string().nullish(),
  topFileNames: z.array(z.string()).nullish(),
});
const LOOK_BACK_HOURS = 720;
/** The values that were seen; https://learn.microsoft.com/defender-endpoint/api/files lists none. */
const DETERMINATIONS = ['Unknown', 'Clean', 'PUA', 'UnsanctionedSoftware', 'Malware'] as const;

const prevalence = (what: string) =>
  z.number().optional().describe(`${what}; absent if Defender does not report it`);

/** The prevalence of a file, in the tenant and globally, and its signer. */
export default defineEnrichment({
  name: 'defender.file',
  title: 'Look up the file in Defender',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-file-statistics',
  entity: 'file',
  resolver: fileResolver,
  output: z.object({
    known: z.boolean().describe('Defender has seen the file somewhere; false makes both prevalences 0'),
    sha1: z.string().optional(),
    sha256: z.string().optional(),
    organizationPrevalence: prevalence('Devices of this tenant with the file in the last 30 days'),
    globalPrevalence: prevalence('Devices everywhere'),
    organizationFirstSeen: z.string().optional().describe('ISO 8601, UTC'),
    signed: z
      .boolean()
      .optional()
      .describe('The signing certificate is valid; absent where Defender has no profile of the file'),
    signer: z.string().optional(),
    determinationType: z
      .enum(DETERMINATIONS)
      .optional()
      .describe("Defender's verdict: `Unknown` if it has none, absent if it is an undocumented value"),
    determinationValue: z.string().optional().describe('Name of the malware'),
    fileNames: z.array(z.string()).describe('Most frequent names of the file in this tenant'),
  }),
  permissions: [
    { api: 'WindowsDefenderATP', name: 'File.Read.All', why: 'read the profile and prevalence of a file' },
  ],
  quota: 'defender-files',
  calls: 1,
  async run({ hash, profile: file }, ctx) {
    const where = path`/api/files/${hash}/stats?lookBackHours=${LOOK_BACK_HOURS}`;
    const stats = await getIfKnown(where, statisticsSchema, ctx);
    const { sha1, sha256, signer, determinationValue } = file ?? {};
    const firstSeen = stats?.orgFirstSeen;
    const known = file !== undefined || stats !== undefined;
    // A file that Defender has never seen has no prevalence; for a known file, a missing number is unknown.
    const fallback = known ? undefined : 0;
    const here = stats?.organizationPrevalence ?? stats?.orgPrevalence ?? fallback;
    const everywhere =
      stats?.globallyPrevalence ?? stats?.globalPrevalence ?? file?.globalPrevalence ?? fallback;
    return {
      known,
      ...(sha1 ? { sha1 } : {}),
      ...(sha256 ? { sha256 } : {}),
      ...(here === undefined ? {} : { organizationPrevalence: here }),
      ...(everywhere === undefined ? {} : { globalPrevalence: everywhere }),
      ...(firstSeen ? { organizationFirstSeen: firstSeen } : {}),
      ...(file ? { signed: file.isValidCertificate === true } : {}),
      ...(signer ? { signer } : {}),
      ...optional('determinationType', enumValueOf(DETERMINATIONS, file?.determinationType ?? 'Unknown')),
      ...(determinationValue ? { determinationValue } : {}),
      fileNames: stats?.topFileNames ?? [],
    };
  },
});
