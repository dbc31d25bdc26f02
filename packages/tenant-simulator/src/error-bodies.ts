/** Error bodies of the services. */
import type { ServiceError } from './errors.js';
import type { ErrorContext, SimulatedHost } from './simulated-host.js';

/** The JSON body of an error of this host; undefined: a host that is not simulated. */
export function errorBody(
  host: SimulatedHost | undefined,
  error: ServiceError,
  context: ErrorContext,
): unknown {
  const { code, message } = error;
  return host?.errorBody?.(error, context) ?? { error: { code, message } };
}

/** The service's own code for the status of a fault. */
export function faultCode(host: SimulatedHost | undefined, status: number): string {
  if (status === 429) return host?.throttledCode ?? 'TooManyRequests';
  if (status === 503) return 'ServiceUnavailable';
  if (status === 504) return 'GatewayTimeout';
  if (status === 404) return 'ResourceNotFound';
  if (status === 412) return 'PreconditionFailed';
  if (status === 409) return 'Conflict';
  if (status === 403) return 'Forbidden';
  if (status === 401) return 'Unauthorized';
  return status >= 500 ? 'InternalServerError' : 'BadRequest';
}
