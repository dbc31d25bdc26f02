/** How the record of an entity was found, and how sure it is that it is the right one. */
import { z } from 'zod';

/** Identifiers that belong to one record. */
const CERTAIN = [
  ...(['defender-id', 'entra-device-id', 'azure-id', 'full-name'] as const),
  ...(['object-id', 'app-id', 'cloud-sid', 'on-premises-sid', 'upn'] as const),
  ...(['file-hash', 'address', 'domain', 'url', 'message-id', 'incident-id'] as const),
] as const;
/** Names that several records may have, or that mean something else than they seem to. */
const CANDIDATE = ['short-name', 'nt-name', 'upn-in-domain-field', 'mail-address'] as const;

/** `unrecorded`: the record was found by a version that did not record it. */
export const foundBySchema = z.enum([...CERTAIN, ...CANDIDATE, 'unrecorded']);
export type FoundBy = z.infer<typeof foundBySchema>;

export const foundSchema = z.object({
  foundBy: foundBySchema.default('unrecorded'),
  /** A `candidate` is shown to analysts. No response is carried out on it, and no condition uses what it says. */
  certainty: z.enum(['certain', 'candidate']).default('candidate'),
});
export type Found = z.infer<typeof foundSchema>;

export function found(foundBy: FoundBy): Found {
  const isCertain = CERTAIN.some((one) => one === foundBy);
  return { foundBy, certainty: isCertain ? 'certain' : 'candidate' };
}

const WORDS: Readonly<Record<FoundBy, string>> = {
  'defender-id': 'its Defender device id',
  'entra-device-id': 'its Entra device id',
  'azure-id': 'its Azure resource id',
  'full-name': 'its full name',
  'short-name': 'its short name only',
  'object-id': 'its object id',
  'app-id': 'its application id',
  'cloud-sid': 'its security identifier in Entra',
  'on-premises-sid': 'its security identifier on premises',
  upn: 'its user principal name',
  'nt-name': 'its account name in a domain only',
  'upn-in-domain-field': 'its account name with the NT domain read as a suffix',
  'mail-address': 'a mail address only',
  'file-hash': 'its hash',
  address: 'its address',
  domain: 'its name',
  url: 'its text',
  'incident-id': 'its own id',
  'message-id': 'its network message id',
  unrecorded: 'an identifier that was not recorded',
};

/** `Found by its Entra device id.` */
export function foundWords({ foundBy }: Found): string {
  return `Found by ${WORDS[foundBy]}.`;
}
