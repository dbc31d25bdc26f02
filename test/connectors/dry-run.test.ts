/** A dry run sends no write: neither one of an action, nor one that no action makes yet. */
import { createHttpHeaders, createPipelineRequest, type PipelineRequest } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { apis } from '../../src/actions/services.js';
import type { Api } from '../../src/connectors/api.js';
import { dryRunHttpClient, type WouldSend } from '../../src/connectors/transport/dry-run.js';

const hosts = [...Object.values<Api>(apis).map(({ host }) => host), 'example.com'];
const anyMethod = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'post',
  'get',
);
const anyPath = fc.constantFrom(
  '/v1.0/users/1',
  '/v1.0/$batch',
  '/v1.0/users/1/query/revokeSignInSessions',
  '/api/machines/1/isolate',
  '/v1/workspaces/1/query',
  '/incidents/1/entities',
  '/incidents/1/entities/1',
);
const secret = 'a-secret-that-nobody-sees';

function inner(sent: PipelineRequest[]) {
  return {
    sendRequest: (request: PipelineRequest) => {
      sent.push(request);
      return Promise.resolve({ request, status: 200, headers: createHttpHeaders() });
    },
  };
}

it('passes on what is known to read, and returns everything else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...hosts), anyMethod, anyPath, async (host, method, path) => {
      const sent: PipelineRequest[] = [];
      const requests: WouldSend[] = [];
      const client = dryRunHttpClient(inner(sent), apis, requests, [secret]);
      const url = `https://${host}${path}?q=${secret}`;
      const request = createPipelineRequest({ url, method: method as 'GET', body: `{"to":"${secret}"}` });
      const result = await client.sendRequest(request).catch((error: unknown) => error);
      const api = Object.values<Api>(apis).find((one) => one.host === host);
      const reads =
        ['GET', 'HEAD'].includes(method) || (method === 'POST' && api?.readingPosts?.test(path) === true);
      expect([sent.length, requests.length]).toEqual(reads ? [1, 0] : [0, 1]);
      if (reads) return;
      expect(result).toMatchObject({ info: { code: 'dry-run', retry: 'no' } });
      expect(JSON.stringify(requests)).not.toContain(secret);
      expect(requests[0]).toMatchObject({ method, body: { to: '[redacted]' } });
    }),
    { seed: 33, numRuns: 200 },
  );
});
