/** An app that a managed identity proves to another tenant: no secret is configured or sent. */
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { expect, it } from 'vitest';
import { createCredential } from '../../src/connectors/credential.js';

const TENANT = '00000000-0000-4000-8000-0000000000ac';
const CLIENT = '00000000-0000-4000-8000-0000000000c1';
const IDENTITY = '00000000-0000-4000-8000-0000000000c2';

it('signs in to the tenant with the token of the managed identity', async () => {
  const sent: PipelineRequest[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request) {
      sent.push(request);
      const isSignIn = new URL(request.url).host === 'login.microsoftonline.com';
      const expiresIn = 3600;
      const token = { access_token: isSignIn ? 'for-graph' : 'of-the-identity', token_type: 'Bearer' };
      const more = isSignIn
        ? { expires_in: expiresIn }
        : { expires_in: String(expiresIn), expires_on: String(Math.floor(Date.now() / 1000) + expiresIn) };
      return {
        request,
        status: 200,
        headers: createHttpHeaders(),
        bodyAsText: JSON.stringify({ ...token, ...more }),
      };
    },
  };
  const config = { tenantId: TENANT, clientId: CLIENT, managedIdentityClientId: IDENTITY };
  const credential = createCredential(config, httpClient);
  const { token } = (await credential.getToken('https://graph.microsoft.com/.default')) ?? {};
  expect(token).toBe('for-graph');
  const last = sent.at(-1) ?? expect.unreachable();
  expect(new URL(last.url).pathname).toBe(`/${TENANT}/oauth2/v2.0/token`);
  const body = new URLSearchParams(String(last.body));
  expect([body.get('client_id'), body.get('client_assertion'), body.get('client_secret')]).toEqual([
    CLIENT,
    'of-the-identity',
    null,
  ]);
  const asked = sent.filter(({ url }) => new URL(url).host !== 'login.microsoftonline.com');
  const [query] = asked
    .map(({ url }) => new URL(url).searchParams)
    .filter((params) => params.has('resource'));
  expect([query?.get('resource'), query?.get('client_id')]).toEqual(['api://AzureADTokenExchange', IDENTITY]);
});
