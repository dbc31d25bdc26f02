/** Reading the JSON body of a request as strictly as the services do. */
import type { z } from 'zod';
import { ServiceError } from './errors.js';

/** @throws ServiceError 400 with the service's code when the body is not what the schema says. */
export function readBody<T>(text: string, schema: z.ZodType<T>, code: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ServiceError(400, code, 'Request body is incorrect');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ServiceError(400, code, `Request body is incorrect: ${issue?.path.join('.')}: ${issue?.message}`);
}
