/**
 * Whom an incident names, by whatever it names them: all that its entities and alerts say of people and their devices, also
 * entities of kinds that nothing is done with. Each identifier counts by itself, because they may disagree.
 */
import { z } from 'zod';

const text = z.string().min(1);

/** An account, as far as its names may have to be told from other people's. */
export const involvedAccountSchema = z.object({
  objectId: text.optional(),
  upn: text.optional(),
  sid: text.optional(),
  /** Without a domain. */
  name: text.optional(),
  /** What it is shown as. */
  displayName: text.optional(),
});
export type InvolvedAccount = z.infer<typeof involvedAccountSchema>;

export const involvedSchema = z.object({
  /** GUIDs, lower case: among them object ids of users. */
  objectIds: z.array(text),
  /** Mail addresses and user principal names, lower case. */
  addresses: z.array(text),
  /** Upper case. */
  sids: z.array(text),
  accounts: z.array(involvedAccountSchema),
  /** Device ids of Entra, lower case. */
  devices: z.array(text),
});
export type Involved = z.infer<typeof involvedSchema>;

export const NOBODY: Involved = { objectIds: [], addresses: [], sids: [], accounts: [], devices: [] };
