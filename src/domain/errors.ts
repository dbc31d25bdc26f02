import { z } from 'zod';

/**
 * How a failure travels: as a value in activity envelopes, in the case file, and in HTTP answers.
 * `retry`: `no` = the same call will fail again; `later` = a passing fault; `read-first` = the outcome of a
 * write is unknown, so the state is read before anything is repeated.
 */
export const errorInfoSchema = z.object({
  code: z.string(),
  message: z.string(),
  blame: z.enum(['caller', 'responder', 'service']),
  retry: z.enum(['no', 'later', 'read-first']),
  retryAfterMs: z.number().nonnegative().optional(),
  next: z.string().optional(),
  place: z.string().optional(),
  httpStatus: z.number().int().optional(),
  correlationId: z.string().optional(),
  /** The service's own code of the error, e.g. `ResourceNotFound`. */
  serviceCode: z.string().optional(),
});
export type ErrorInfo = z.infer<typeof errorInfoSchema>;

/** The one error that our code throws on purpose. Its message never holds a secret or raw incident text. */
export class ResponderError extends Error {
  override readonly name = 'ResponderError';
  constructor(readonly info: ErrorInfo) {
    super(info.message);
  }
}

/** Any thrown value as an ErrorInfo. What is not a ResponderError is our own fault and is not repeated. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof ResponderError) return thrown.info;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'unexpected', message, blame: 'responder', retry: 'no' };
}
