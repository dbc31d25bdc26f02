import { describe, expect, it, onTestFinished } from 'vitest';
import { ANALYSTS, REAL_TENANT, Responder } from './responder.js';

const CLIENT = '00000000-0000-4000-8000-00000000c22e';
const KEY = 'a signing key of the tests that is longer than thirty-two characters';
const ROUTES = [
  ['GET', '/api/approvals'],
  ['GET', '/api/incidents'],
  ['GET', `/api/approvals/incident-${'0'.repeat(40)}.1.analysts`],
  ['GET', `/api/approvals/incident-${'0'.repeat(40)}.1.analysts/audit`],
  ['POST', `/api/approvals/incident-${'0'.repeat(40)}.1.analysts/decisions`],
  ['POST', `/api/approvals/incident-${'0'.repeat(40)}.1.analysts/extend`],
  ['POST', `/api/approvals/incident-${'0'.repeat(40)}.1.analysts/undo`],
] as const;

/** The headers that App Service authentication sets for an analyst. */
async function refusesPlatformHeaders(responder: Responder): Promise<void> {
  const claims = [
    { typ: 'oid', val: ANALYSTS[1].id },
    { typ: 'tid', val: '00000000-0000-4000-8000-0000000000ac' },
  ];
  const principal = Buffer.from(JSON.stringify({ auth_typ: 'aad', claims })).toString('base64');
  const headers = { 'x-ms-client-principal': principal };
  for (const path of ['/approvals', '/api/approvals']) {
    expect((await responder.fetch(path, { headers })).status).toBe(401);
  }
}

describe('without a configured sign-in', () => {
  it.each([
    ['a real tenant without an app registration', REAL_TENANT, 'APPROVALS_CLIENT_ID'],
    [
      'a simulated tenant without a sign-in secret',
      { LOCAL_SIGN_IN_SECRET: '', APPROVALS_SIGNING_KEYS: KEY },
      'npm start',
    ],
  ])('%s: the routes say why they are not there, and what to do', async (_what, settings, next) => {
    const responder = await Responder.start({ settings });
    onTestFinished(() => responder.stop());
    for (const [method, path] of ROUTES) {
      const { status, json } = await responder.call(method, path, method === 'POST' ? {} : undefined);
      expect([status, json.code]).toEqual([501, 'sign-in-not-available']);
      expect(json.next).toContain(next);
    }
    const page = await responder.call('GET', '/approvals');
    expect([page.status, page.text.includes(next)]).toEqual([501, true]);
  });
});

describe('where an app registration is named', () => {
  it('people decide with their own token, and it works on a simulated tenant as in Azure', async () => {
    const responder = await Responder.start({
      settings: { APPROVALS_CLIENT_ID: CLIENT, APPROVALS_SIGNING_KEYS: KEY },
    });
    onTestFinished(() => responder.stop());
    const request = await responder.asked(await responder.deliver());
    const path = `/api/approvals/${request.approval.id}`;
    const as = (id: string, claims: object = {}) => ({
      authorization: `Bearer ${responder.simulator.signIn.userToken(id, CLIENT, { claims: { ...claims } })}`,
    });
    const decide = async (headers: Readonly<Record<string, string>>) => {
      const body = { kind: 'approve', steps: request.approval.stepIds };
      const answer = await responder.call('POST', `${path}/decisions`, body, {
        headers: { 'if-match': request.etag, ...headers },
      });
      return [answer.status, answer.json.code];
    };
    const retry = async (headers: Readonly<Record<string, string>>) => {
      const path = `/api/incidents/${request.instanceId}/retry`;
      const answer = await responder.call('POST', path, undefined, { headers });
      return [answer.status, answer.json.code];
    };
    const [, robin, , noor] = ANALYSTS.map(({ id }) => id) as [string, string, string, string];
    expect(await decide(as(noor))).toEqual([403, 'not-an-approver']);
    expect(await decide(as(robin, { scp: 'Approvals.Read' }))).toEqual([403, 'scope-missing']);
    expect(await decide(as(robin, { scp: undefined, roles: ['Approvals.Read'] }))).toEqual([
      403,
      'people-only',
    ]);
    expect(await decide(as(robin, { acct: 1 }))).toEqual([403, 'guest']);
    expect(await retry(as(robin, { scp: 'Approvals.Read' }))).toEqual([403, 'scope-missing']);
    expect(await retry(as(robin, { scp: undefined, roles: ['Approvals.Read'] }))).toEqual([
      403,
      'people-only',
    ]);
    expect(await retry({ authorization: 'Bearer nothing' })).toEqual([401, 'token-refused']);
    expect(await retry(as(robin))).toEqual([409, 'still-running']);
    expect(await decide(as(robin, { aud: 'https://graph.microsoft.com' }))).toEqual([401, 'token-refused']);
    expect(await decide(as(robin, { tid: CLIENT }))).toEqual([401, 'token-refused']);
    expect(await decide({ authorization: 'Bearer nothing' })).toEqual([401, 'token-refused']);
    const reading = await responder.call('GET', path, undefined, {
      headers: as(robin, { scp: undefined, roles: ['Approvals.Read'] }),
    });
    expect(reading.status).toBe(200);
    expect(await decide(as(robin))).toEqual([201, 'approved']);
    const file = await responder.caseFile(request.instanceId);
    expect(file?.decisions.at(-1)?.decision.by).toMatchObject({
      kind: 'person',
      objectId: robin,
      name: 'Robin Keller',
      channel: 'http',
    });
  });

  it('no one gets in while the keys cannot be read', async () => {
    const responder = await Responder.start({
      settings: { APPROVALS_CLIENT_ID: CLIENT, APPROVALS_SIGNING_KEYS: KEY },
      faults: [
        {
          host: 'login.microsoftonline.com',
          path: /\/keys$/,
          times: 1,
          answer: { kind: 'status', status: 503 },
        },
      ],
    });
    onTestFinished(() => responder.stop());
    const read = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const { status, json } = await responder.call('GET', '/api/approvals', undefined, { headers });
      return [status, json.code];
    };
    const token = responder.simulator.signIn.userToken(ANALYSTS[1].id, CLIENT);
    expect(await read(token)).toEqual([503, 'keys-unavailable']);
  });

  it('the page needs App Service, whose headers mean nothing here although its setting is there', async () => {
    const responder = await Responder.start({
      settings: {
        ...REAL_TENANT,
        APPROVALS_CLIENT_ID: CLIENT,
        APPROVALS_SIGNING_KEYS: KEY,
        WEBSITE_AUTH_ENABLED: 'True',
      },
    });
    onTestFinished(() => responder.stop());
    await refusesPlatformHeaders(responder);
  });

  it('the platform’s headers prove nothing where the platform does not sign in', async () => {
    const responder = await Responder.start({
      settings: {
        ...REAL_TENANT,
        APPROVALS_CLIENT_ID: CLIENT,
        APPROVALS_SIGNING_KEYS: KEY,
      },
    });
    onTestFinished(() => responder.stop());
    await refusesPlatformHeaders(responder);
  });
});
