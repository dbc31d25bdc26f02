import { z } from 'zod';

/** A state of a record that lasts until someone ends it. Several incidents may rely on it. */
export const lastingEffectSchema = z.enum([
  'device-isolation',
  'code-restriction',
  'device-tag',
  'indicator',
  'account-disabled',
  'password-change',
  'quarantine',
  'user-compromised',
  'rule-disabled',
  'email-removed',
  'app-disabled',
  'consent-removed',
]);
export type LastingEffect = z.infer<typeof lastingEffectSchema>;
