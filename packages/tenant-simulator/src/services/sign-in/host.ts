import type { SimulatedHost } from '../../simulated-host.js';

export const SIGN_IN: SimulatedHost = {
  name: 'login.microsoftonline.com',
  errorBody: ({ code, message }, { requestId, now }) => {
    const number = /^AADSTS(\d+)/.exec(message)?.[1];
    return {
      error: code,
      error_description: `${message} Trace ID: ${requestId} Correlation ID: ${requestId}`,
      error_codes: number === undefined ? [] : [Number(number)],
      timestamp: new Date(now).toISOString().replace('T', ' ').replace(/\.\d+/, ''),
      trace_id: requestId,
      correlation_id: requestId,
    };
  },
};
