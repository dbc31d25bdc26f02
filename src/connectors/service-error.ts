/**
 * Reads the body of a service's error. Graph, Defender and ARM send `{error: {code, message}}`, Log Analytics
 * nests the specific code in `innererror`, Entra sends `error` as a string; anything may be missing.
 */
import { z } from 'zod';

const innerSchema = z.object({ code: z.string().optional() });
const bodySchema = z.object({
  error: z.union([
    z.string(),
    z.object({
      code: z.string().optional(),
      message: z.string().optional(),
      target: z.string().nullish(),
      innererror: innerSchema.optional(),
    }),
  ]),
});

export interface ServiceError {
  readonly code?: string;
  /** Defender's `target` is the id under which Microsoft can find the call. */
  readonly correlationId?: string;
  /** Names of application permissions in the text, e.g. `Machine.Isolate`. */
  readonly permissions: readonly string[];
  /** The service refuses because the same action is already in progress, or done; Defender and Graph answer 400. */
  readonly alreadyInProgress: boolean;
  /** The tenant has no licence for what was called; Graph answers 403, or 400. */
  readonly notLicensed: boolean;
}

const CODE = /^[\w.-]{1,80}$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PERMISSION =
  /\b[A-Z][A-Za-z]{1,40}(?:-[A-Za-z]{1,40}){0,4}(?:\.[A-Z][A-Za-z]{1,40}){1,3}(?:\/[A-Za-z]{1,40}){0,4}/g;

/** Uses only codes, ids and permission names: free text could contain anything. */
export function readServiceError(text: string): ServiceError {
  const parsed = bodySchema.safeParse(parseJson(text));
  if (!parsed.success) return { permissions: [], alreadyInProgress: false, notLicensed: false };
  const error = typeof parsed.data.error === 'string' ? { code: parsed.data.error } : parsed.data.error;
  const { code, message, target, innererror } = {
    message: '',
    target: null,
    innererror: undefined,
    ...error,
  };
  const serviceCode = innererror?.code ?? code;
  return {
    ...(serviceCode !== undefined && CODE.test(serviceCode) ? { code: serviceCode } : {}),
    ...(typeof target === 'string' && GUID.test(target) ? { correlationId: target } : {}),
    permissions: [...new Set((message ?? '').slice(0, 2000).match(PERMISSION) ?? [])].slice(0, 5),
    alreadyInProgress: /already in progress|ActiveRequest|references already exist/i.test(
      `${code} ${message}`,
    ),
    notLicensed: /not licensed for|NonPremiumTenant|PremiumLicenseRequired/i.test(`${code} ${message}`),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
