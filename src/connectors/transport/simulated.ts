/** Sends calls to Azure's hosts to a simulated tenant on this machine, and refuses every other host. */
import { createDefaultHttpClient, createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { ResponderError } from '../../domain/errors.js';

/** Secrets are sent to the tenant without encryption. */
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * An HTTP client that uses the tenant at `baseUrl` for these hosts; the real host is in the Host header.
 * @throws ResponderError `configuration` for an address on another machine; `host-not-mapped` (from a call) for a host without a simulated service.
 */
export function simulatedHttpClient(baseUrl: string, hosts: readonly string[]): HttpClient {
  const inner = createDefaultHttpClient();
  const base = new URL(baseUrl);
  if (!LOOPBACK.has(base.hostname)) throw notLoopback();
  return {
    async sendRequest(request) {
      const url = new URL(request.url);
      if (url.protocol !== 'https:' || !hosts.includes(url.host)) throw hostNotMapped(url.host);
      const headers = createHttpHeaders(request.headers.toJSON());
      headers.set('Host', url.host);
      const sent = {
        ...request,
        headers,
        url: `${base.origin}${url.pathname}${url.search}`,
        allowInsecureConnection: true,
      };
      // A proxy setting of the environment is for the real hosts.
      delete sent.agent;
      delete sent.proxySettings;
      const response = await inner.sendRequest(sent);
      return { ...response, request };
    },
  };
}

function hostNotMapped(host: string): ResponderError {
  return new ResponderError({
    code: 'host-not-mapped',
    message: `The simulated tenant does not simulate the host ${host}; nothing was sent.`,
    fault: 'responder',
    retry: 'no',
    place: host,
    next: 'Use a host that the simulated tenant serves (see docs/simulated-tenant.md), or add it there.',
  });
}

function notLoopback(): ResponderError {
  return new ResponderError({
    code: 'configuration',
    message: 'SIMULATED_TENANT_URL is not an address of this machine; nothing was sent.',
    fault: 'caller',
    retry: 'no',
    place: 'SIMULATED_TENANT_URL',
    next: 'Use the address that the simulated tenant gave when it started: http://127.0.0.1 and its port.',
  });
}
