import { z } from 'zod';

/** The id of an Entra tenant, in lower case. */
export const tenantIdSchema = z
  .guid({ error: 'is not a GUID' })
  .transform((id) => id.toLowerCase())
  .brand<'TenantId'>();
export type TenantId = z.infer<typeof tenantIdSchema>;
