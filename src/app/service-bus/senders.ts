/** The programs whose decisions are read from the queue: each has a name and public keys of its own. */
import { z } from 'zod';

/** Only what can verify: a private or a shared key has no place in a setting. */
const publicKeySchema = z.discriminatedUnion('kty', [
  z.strictObject({
    kty: z.literal('EC'),
    kid: z.string().min(1),
    crv: z.enum(['P-256', 'P-384', 'P-521']),
    x: z.string(),
    y: z.string(),
    alg: z.string().optional(),
    use: z.literal('sig').optional(),
  }),
  z.strictObject({
    kty: z.literal('OKP'),
    kid: z.string().min(1),
    crv: z.literal('Ed25519'),
    x: z.string(),
    alg: z.string().optional(),
    use: z.literal('sig').optional(),
  }),
  z.strictObject({
    kty: z.literal('RSA'),
    kid: z.string().min(1),
    n: z.string().min(340, { error: 'is shorter than 2048 bits' }),
    e: z.string(),
    alg: z.enum(['RS256', 'PS256']).optional(),
    use: z.literal('sig').optional(),
  }),
]);
export type PublicKey = z.infer<typeof publicKeySchema>;

export const decisionSendersSchema = z
  .array(
    z.strictObject({
      /** What the token's `iss` says, and what a playbook's `automation` names. */
      id: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: 'is not lower-case letters, digits and dashes' }),
      name: z.string().min(1).max(100),
      keys: z.array(publicKeySchema).min(1),
    }),
  )
  .refine((senders) => new Set(senders.map(({ id }) => id)).size === senders.length, {
    error: 'names a sender twice',
  });
export type DecisionSenders = z.infer<typeof decisionSendersSchema>;
export type DecisionSender = DecisionSenders[number];
