import { z } from 'zod';

export const severitySchema = z.enum(['high', 'medium', 'low', 'informational', 'unknown']);
export type Severity = z.infer<typeof severitySchema>;
