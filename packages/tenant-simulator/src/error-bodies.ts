/** Error bodies of each service. */
import type { ServiceError } from './errors.js';

export interface ErrorContext {
  readonly requestId: string;
  readonly now: number;
}

/** The JSON body of an error of the service behind `host`. */
export function errorBody(host: string, error: ServiceError, { requestId, now }: ErrorContext): unknown {
  const { code, message } = error;
  switch (host) {
    case 'graph.microsoft.com': {
      const date = new Date(now).toISOString().slice(0, 19);
      return {
        error: {
          code,
          message,
          innerError: { date, 'request-id': requestId, 'client-request-id': requestId },
        },
      };
    }
    case 'api.security.microsoft.com':
      return { error: { code, message, target: requestId } };
    case 'login.microsoftonline.com': {
      const number = /^AADSTS(\d+)/.exec(message)?.[1];
      return {
        error: code,
        error_description: `${message} Trace ID: ${requestId} Correlation ID: ${requestId}`,
        error_codes: number === undefined ? [] : [Number(number)],
        timestamp: new Date(now).toISOString().replace('T', ' ').replace(/\.\d+/, ''),
        trace_id: requestId,
        correlation_id: requestId,
      };
    }
    default:
      return { error: { code, message } };
  }
}

/** The service's own code for the status of a fault. */
export function faultCode(host: string, status: number): string {
  if (status === 429) return host === 'api.loganalytics.io' ? 'ThrottledError' : 'TooManyRequests';
  if (status === 503) return 'ServiceUnavailable';
  if (status === 504) return 'GatewayTimeout';
  if (status === 404) return 'ResourceNotFound';
  if (status === 412) return 'PreconditionFailed';
  if (status === 409) return 'Conflict';
  if (status === 403) return 'Forbidden';
  if (status === 401) return 'Unauthorized';
  return status >= 500 ? 'InternalServerError' : 'BadRequest';
}
