import { z } from 'zod';

/**
 * A failure as a value: in activity results, in the case file, and in HTTP responses.
 * `retry`: `no` = the same call will fail again; `later` = a transient fault; `check-before-retry` = the outcome of a
 * write is unknown, so the state must be read before a retry.
 */
export const errorInfoSchema = z.object({
  code: z.string(),
  message: z.string(),
  fault: z.enum(['caller', 'responder', 'service']),
  retry: z.enum(['no', 'later', 'check-before-retry']),
  retryAfterMs: z.number().nonnegative().optional(),
  next: z.string().optional(),
  place: z.string().optional(),
  httpStatus: z.number().int().optional(),
  correlationId: z.string().optional(),
  /** The service's own code of the error, e.g. `ResourceNotFound`. */
  serviceCode: z.string().optional(),
});
export type ErrorInfo = z.infer<typeof errorInfoSchema>;

/** Whether the responder lacks a permission, or cannot sign in: an administrator can change that. */
export function isMissingPermission({ code, httpStatus }: ErrorInfo): boolean {
  if (code === 'not-licensed') return false;
  return httpStatus === 401 || httpStatus === 403 || code === 'forbidden' || code === 'unauthorized';
}

/** The only error that this code throws on purpose. Its message never contains a secret or raw incident text. */
export class ResponderError extends Error {
  override readonly name = 'ResponderError';
  constructor(readonly info: ErrorInfo) {
    super(info.message);
  }
}

/** Converts any thrown value. Anything but a ResponderError is a fault of the responder and is not retried. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof ResponderError) return thrown.info;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'unexpected', message, fault: 'responder', retry: 'no' };
}
