/** The programs that may send decisions to the queue, each with its name and public keys. */
import { z } from 'zod';
import { tenantIdSchema } from '../../domain/tenant-id.js';

/** Only public keys: a setting must not contain a private or a shared key. */
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
      /** The `iss` of its tokens, and its name in a playbook's `automation`. */
      id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, {
        error: 'does not consist of lower-case letters, digits and dashes',
      }),
      name: z.string().min(1).max(100),
      /** The tenant about whose incidents it decides; required with several tenants. */
      tenantId: tenantIdSchema.optional(),
      keys: z.array(publicKeySchema).min(1),
    }),
  )
  .refine((senders) => new Set(senders.map(({ id }) => id)).size === senders.length, {
    error: 'contains a sender twice',
  });
export type DecisionSenders = z.infer<typeof decisionSendersSchema>;
export type DecisionSender = DecisionSenders[number];
