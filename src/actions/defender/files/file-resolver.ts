/** Files of Defender, and the resolver for files of an incident. https://learn.microsoft.com/defender-endpoint/api/files */

import { z } from 'zod';
import { type ApiPath, path } from '../../../domain/builders/path.js';
import { type EntityOf, hashAlgorithmSchema } from '../../../domain/entities.js';
import { ResponderError } from '../../../domain/errors.js';
import { found } from '../../../domain/found-by.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import type { ActionContext, InputOrRefusal, Resolution, Resolver } from '../../define.js';
import {
  AGREES,
  type Check,
  type Claim,
  claimsOf,
  DIFFERS,
  UNCHECKED,
  verifyClaims,
} from '../../identifiers.js';

/** Some versions of the service write numbers as text. */
export const countSchema = z.union([z.number(), z.string().regex(/^\d+$/)]).transform(Number);
const fileSchema = z.looseObject({
  sha1: z.string().nullish(),
  sha256: z.string().nullish(),
  md5: z.string().nullish(),
  globalPrevalence: countSchema.nullish(),
  signer: z.string().nullish(),
  isValidCertificate: z.boolean().nullish(),
  determinationType: z.string().nullish(),
  determinationValue: z.string().nullish(),
});
export type FileProfile = z.infer<typeof fileSchema>;

const querySchema = z.object({
  hashes: z
    .array(z.object({ algorithm: hashAlgorithmSchema, value: z.string().regex(/^[0-9a-f]{8,128}$/) }))
    .min(1)
    .describe('Hashes of the file, hexadecimal in lower case'),
});
export type FileQuery = z.infer<typeof querySchema>;
/** A file by the hash that Defender was queried by; no profile: Defender has never seen it. */
export interface FoundFile {
  readonly hash: string;
  readonly profile: FileProfile | undefined;
}

export const fileResolver: Resolver<'file', FileQuery, FoundFile> = {
  kind: 'defender.file',
  query: querySchema,
  identify({ hashes }: EntityOf<'file'>): InputOrRefusal<FileQuery> {
    const askable = hashes.some(({ algorithm }) => algorithm === 'sha256' || algorithm === 'sha1');
    if (askable) return { ok: true, input: { hashes: hashes.map((hash) => ({ ...hash })) } };
    return {
      ok: false,
      code: 'target-unknown',
      reason: 'Defender looks files up by SHA-1 or SHA-256; the file has neither.',
    };
  },
  async resolve({ hashes }, ctx) {
    const claims = claimsOf(hashes.map(({ algorithm, value }) => [algorithm, value]));
    const best = claims.find(({ id }) => id === 'sha256') ?? claims.find(({ id }) => id === 'sha1');
    if (best === undefined) {
      return { ok: false, code: 'target-unknown', reason: 'Defender looks files up by SHA-1 or SHA-256.' };
    }
    const file = { hash: best.value, profile: await profileOf(best.value, ctx) };
    return verifyClaims(file, recordOf(file), claims, (claim) => checkFile(best, file.profile, claim, ctx));
  },
  async read(id, ctx): Promise<Resolution<FoundFile>> {
    const file = { hash: id, profile: await profileOf(id, ctx) };
    return { ok: true, found: file, record: { ...recordOf(file), agreed: [], unchecked: [] } };
  },
};

function recordOf({ hash, profile }: FoundFile) {
  const id = lowerCase(profile?.sha256 ?? profile?.sha1 ?? hash);
  return { kind: 'defender.file', id, name: id, ...found('file-hash'), ids: {} } as const;
}

/** If Defender has never seen a file, its hashes may belong to several files, unless Defender has seen one of them. */
async function checkFile(
  best: Claim,
  profile: FileProfile | undefined,
  claim: Claim,
  ctx: ActionContext,
): Promise<Check> {
  if (claim.id === best.id) {
    const own = profile?.[claim.id as 'sha1' | 'sha256'] ?? best.value;
    return lowerCase(own) === claim.value && claim.value === best.value ? AGREES : DIFFERS;
  }
  if (claim.id !== 'sha1' && claim.id !== 'sha256' && claim.id !== 'md5') return UNCHECKED;
  const own = profile?.[claim.id];
  if (own) return lowerCase(own) === claim.value ? AGREES : DIFFERS;
  if (claim.id === 'md5') return UNCHECKED;
  const other = await profileOf(claim.value, ctx);
  if (other === undefined) return UNCHECKED;
  const { id, name } = recordOf({ hash: claim.value, profile: other });
  return { state: 'differs', of: { id, name } };
}

const profileOf = (hash: string, ctx: ActionContext) => getIfKnown(path`/api/files/${hash}`, fileSchema, ctx);

/** That Defender has never seen a file is a result, not a failure. */
export async function getIfKnown<T>(
  where: ApiPath,
  schema: z.ZodType<T>,
  { clients, signal }: ActionContext,
): Promise<T | undefined> {
  try {
    return (await clients.defender.get(where, schema, { signal })).body;
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}
