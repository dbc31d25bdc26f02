import type { z } from 'zod';
import { ResponderError } from '../domain/errors.js';

/**
 * What is passed to an action, or returned by it, as its declaration has it.
 * @throws ResponderError `bad-input`, `bad-output`, with the place of the first value that does not match.
 */
export function parseOrThrow<T>(
  schema: z.ZodType<T>,
  value: unknown,
  what: 'input' | 'output',
  name: string,
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ResponderError({
    code: `bad-${what}`,
    message: `The ${what} of ${name} does not match its declaration: ${issue?.message ?? 'unknown error'}`,
    fault: what === 'input' ? 'caller' : 'responder',
    retry: 'no',
    place: issue?.path.join('.') ?? '',
  });
}
