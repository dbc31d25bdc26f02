import { z } from 'zod';

/** A state of a record that lasts until it is ended, and that several incidents may rely on. */
export const lastingEffectSchema = z.enum(['device-isolation', 'account-disabled']);
export type LastingEffect = z.infer<typeof lastingEffectSchema>;
