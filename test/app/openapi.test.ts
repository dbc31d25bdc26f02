/** Checks docs/openapi.json against the app: every route, status and response. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check, document, operations, seen } from './openapi-check.js';
import { ANALYSTS, type Answer, Responder, readEvent, until } from './responder.js';

const CLIENT = '00000000-0000-4000-8000-00000000c22e';
const [LOCAL, ROBIN, KIM, NOOR] = ANALYSTS;
/** The submitter cannot decide about the incident. */
const SAM = { id: '00000000-0000-4000-8000-00000000a103' };
let responder: Responder;
let analysts: string;
let leads: string;
let rejected: string;

beforeAll(async () => {
  responder = await Responder.start({
    comesBack: true,
    settings: {
      APPROVALS_CLIENT_ID: CLIENT,
      APPROVALS_SIGNING_KEYS: 'a signing key of the tests that is longer than thirty-two characters',
    },
    change: (tenant) => {
      for (const user of tenant.users as { risk?: { riskLevel: string } }[]) {
        if (user.risk) user.risk.riskLevel = 'high';
      }
    },
    // The first directory queries about this person fail.
    faults: [
      {
        host: 'graph.microsoft.com',
        path: /a102\/checkMemberGroups$/,
        times: 20,
        answer: { kind: 'status', status: 503 },
      },
    ],
  });
});
afterAll(() => responder.stop());

type Headers = Readonly<Record<string, string>>;
function as(person: { readonly id: string }, claims: object = {}): Headers {
  return {
    authorization: `Bearer ${responder.simulator.signIn.userToken(person.id, CLIENT, { claims: { ...claims } })}`,
  };
}
async function call(
  method: string,
  path: string,
  headers: Headers = as(LOCAL),
  body?: unknown,
): Promise<Answer> {
  const answer = await responder.call(method, path, body, { headers });
  check(method, path, answer);
  return answer;
}
async function decide(requestId: string, endpoint: string, body: unknown, headers: Headers, etag?: string) {
  const current = etag ?? (await responder.request(requestId)).etag;
  const answer = await call(
    'POST',
    `/api/approvals/${requestId}/${endpoint}`,
    { 'if-match': current, ...headers },
    body,
  );
  return [answer.status, answer.json.code];
}
const steps = async (requestId: string) => (await responder.request(requestId)).approval.stepIds;

describe('the description', () => {
  it('is of OpenAPI 3.1 and describes every route of the API, and none that is not there', async () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const answer = await responder.fetch('/admin/functions', {
      headers: { 'x-functions-key': responder.host.keys.master },
    });
    const routes = (JSON.parse(answer.text) as { config: { bindings: Record<string, unknown>[] } }[])
      .flatMap(({ config }) => config.bindings)
      .filter(({ type, route }) => type === 'httpTrigger' && String(route).startsWith('api/'))
      .flatMap(({ route, methods }) =>
        (methods as string[]).map((method) => `${method.toUpperCase()} /${String(route)}`),
      );
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    // Microsoft defines the format of Bot Connector activities.
    expect(routes.filter((route) => !route.endsWith('/api/messages')).sort()).toEqual(described.sort());
  });

  it('refers only to schemas that it has', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, name = ''] of references) expect(Object.keys(document.components.schemas)).toContain(name);
  });
});

// The order matters: the tests decide the requests along the way.
describe('the app answers as described', () => {
  it('to those who ask whether it is well', async () => {
    expect((await call('GET', '/api/health')).status).toBe(200);
  });

  it('about incidents', async () => {
    const event = readFileSync(
      new URL('../../fixtures/ransomware-on-workstation/event.json', import.meta.url),
      'utf8',
    );
    const given = async (body: string, headers: Headers = {}) =>
      (await call('POST', '/api/incidents', { ...as(SAM), ...headers }, body)).status;
    expect(await given(event, { authorization: 'Bearer nothing' })).toBe(401);
    expect(await given(event, as(LOCAL, { scp: 'User.Read' }))).toBe(403);
    expect(await given(event)).toBe(202);
    expect(await given(event)).toBe(200);
    expect(await given('{')).toBe(400);
    expect(await given('{}')).toBe(422);
    expect(await given('{}', { 'content-type': 'text/plain' })).toBe(415);
    expect(await given(JSON.stringify({ x: 'x'.repeat(2 * 1024 * 1024) }))).toBe(413);
    expect((await call('POST', '/api/incidents', {}, '[{"a":1},{"b":2}]')).status).toBe(422);
    const hello = (origin: string) => call('OPTIONS', '/api/incidents', { 'webhook-request-origin': origin });
    expect((await hello('eventgrid.azure.net')).headers.get('webhook-allowed-origin')).toBe(
      'eventgrid.azure.net',
    );
    expect((await hello('example.com')).status).toBe(403);
    const { json } = await call('GET', '/api/incidents');
    const [incident] = json.incidents as { instanceId: string }[];
    const instanceId = incident?.instanceId ?? '';
    [analysts, leads] = (await Promise.all(
      ['analysts', 'leads'].map(async (tier) => (await responder.asked(instanceId, tier)).approval.id),
    )) as [string, string];
    expect((await call('GET', `/api/incidents/${instanceId}`)).status).toBe(200);
    expect((await call('GET', '/api/incidents/nothing')).status).toBe(404);
  });

  it('about rejected bodies', async () => {
    const unusable = await call('POST', '/api/incidents', {}, '{"un":"usable"}');
    [rejected = ''] = unusable.json.kept as string[];
    expect((await call('GET', '/api/rejected')).json.rejected).toHaveLength(5);
    expect((await call('GET', '/api/rejected?cursor=made-up')).status).toBe(400);
    expect((await call('GET', `/api/rejected/${rejected}`)).json).toMatchObject({ code: 'unknown-shape' });
    expect((await call('POST', `/api/rejected/${rejected}/resubmit`)).status).toBe(422);
    expect((await call('POST', `/api/rejected/${rejected}/drop`)).status).toBe(200);
    // A body with many rejected items is stored whole.
    const many = Array.from({ length: 21 }, (_, n) => ({ n }));
    const [whole] = (await call('POST', '/api/incidents', as(SAM), [readEvent(), ...many])).json
      .kept as string[];
    // Who submits it again must not decide afterwards.
    expect((await call('POST', `/api/rejected/${whole}/resubmit`, as(SAM))).status).toBe(200);
    expect((await call('POST', `/api/rejected/${rejected}/resubmit`)).status).toBe(410);
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/resubmit'],
      ['POST', '/drop'],
    ] as const) {
      expect((await call(method, `/api/rejected/nothing${path}`)).status).toBe(404);
    }
  });

  it('to those who only look', async () => {
    const first = await call('GET', '/api/approvals?limit=1');
    expect(first.json.approvals).toHaveLength(1);
    const second = await call('GET', String(first.json.next));
    expect(second.json).toMatchObject({ approvals: [{ state: 'waiting' }] });
    expect(second.json.next).toBeUndefined();
    expect((await call('GET', '/api/approvals?limit=1000')).status).toBe(400);
    expect((await call('GET', '/api/approvals?cursor=bm90aGluZw')).status).toBe(400);
    expect((await call('GET', `/api/approvals/${analysts}`)).headers.get('etag')).toMatch(
      /^"1-[0-9a-f]{16}"$/,
    );
    await call('GET', `/api/approvals/${analysts}/audit`);
    await call('GET', '/api/approvals/nothing');
    await call('GET', '/api/approvals/nothing/audit');
    expect((await call('POST', '/api/incidents/nothing/retry')).status).toBe(404);
    const [instanceId] = analysts.split('.');
    const retry = `/api/incidents/${instanceId}/retry`;
    expect((await call('POST', retry)).status).toBe(409);
    const wrong = { ...as(LOCAL), 'content-type': 'text/plain' };
    expect((await call('POST', retry, wrong, 'x')).status).toBe(415);
    expect((await call('POST', retry, as(LOCAL), 'x'.repeat(70_000))).status).toBe(413);
    expect((await call('POST', retry, as(LOCAL), { steps: 'all' })).status).toBe(422);
  });

  it('to those who may not', async () => {
    const some: [string, string][] = [
      ['GET', '/api/approvals'],
      ['GET', `/api/approvals/${analysts}`],
      ['GET', `/api/approvals/${analysts}/audit`],
      ['GET', '/api/incidents'],
      ['GET', '/api/incidents/nothing'],
      ['POST', '/api/incidents/nothing/retry'],
      ['GET', '/api/rejected'],
      ['GET', `/api/rejected/${rejected}`],
      ['POST', `/api/rejected/${rejected}/resubmit`],
      ['POST', `/api/rejected/${rejected}/drop`],
      ...['decisions', 'extend', 'undo'].map((endpoint): [string, string] => [
        'POST',
        `/api/approvals/${analysts}/${endpoint}`,
      ]),
    ];
    for (const [method, path] of some) {
      expect((await call(method, path, { authorization: 'Bearer nothing' })).status).toBe(401);
      expect((await call(method, path, as(LOCAL, { scp: 'User.Read' }))).status).toBe(403);
    }
    const elsewhere = await Responder.start({
      settings: { LOCAL_SIGN_IN_SECRET: '', APPROVALS_SIGNING_KEYS: 'x'.repeat(40) },
    });
    try {
      for (const [method, path] of some) {
        const answer = await elsewhere.call(method, path, method === 'POST' ? {} : undefined);
        expect(answer.status).toBe(501);
        check(method, path, answer);
      }
    } finally {
      await elsewhere.stop();
    }
    const locked = await Responder.start({
      settings: { APPROVALS_CLIENT_ID: CLIENT, APPROVALS_SIGNING_KEYS: 'x'.repeat(40) },
      faults: [
        {
          host: 'login.microsoftonline.com',
          path: /\/keys$/,
          times: 9,
          answer: { kind: 'status', status: 503 },
        },
      ],
    });
    try {
      for (const [method, path] of some) {
        const answer = await locked.call(method, path, method === 'POST' ? {} : undefined, {
          headers: as(LOCAL),
        });
        expect(answer.status).toBe(503);
        check(method, path, answer);
      }
    } finally {
      await locked.stop();
    }
  });

  it('to decisions that do not count', async () => {
    const all = await steps(analysts);
    const approve = { kind: 'approve', steps: all };
    for (const [endpoint, body] of [
      ['decisions', approve],
      ['extend', {}],
      ['undo', { steps: all }],
    ] as const) {
      const path = `/api/approvals/${analysts}/${endpoint}`;
      expect((await call('POST', path, as(LOCAL), body)).status).toBe(428);
      expect((await call('POST', `/api/approvals/nothing/${endpoint}`, as(LOCAL), body)).status).toBe(404);
      expect((await call('POST', path, { ...as(LOCAL), 'content-type': 'text/plain' }, body)).status).toBe(
        415,
      );
      expect((await call('POST', path, as(LOCAL), 'x'.repeat(70_000))).status).toBe(413);
      expect(await decide(analysts, endpoint, { ...body, more: 1 }, as(LOCAL))).toEqual([
        400,
        'bad-decision',
      ]);
      expect(await decide(analysts, endpoint, body, as(LOCAL), '"9-0"')).toEqual([412, 'stale-revision']);
      expect(await decide(analysts, endpoint, body, as(NOOR))).toEqual([
        expect.toSatisfy((status) => [403, 409].includes(status as number)),
        expect.stringMatching(/^(not-an-approver|wrong-kind)$/),
      ]);
    }
    expect(await decide(analysts, 'decisions', { kind: 'approve', steps: ['wipe'] }, as(LOCAL))).toEqual([
      422,
      'unknown-action',
    ]);
    expect(await decide(analysts, 'decisions', approve, as(ROBIN))).toEqual([503, 'membership-unknown']);
  });

  it('to decisions that do', async () => {
    expect(await decide(analysts, 'extend', {}, { ...as(LOCAL), 'idempotency-key': 'one' })).toEqual([
      201,
      'extended',
    ]);
    expect(
      await decide(analysts, 'extend', { reason: 'another' }, { ...as(LOCAL), 'idempotency-key': 'one' }),
    ).toEqual([422, 'idempotency-key-reused']);
    const all = { kind: 'approve', steps: await steps(leads) };
    expect(await decide(leads, 'decisions', all, as(KIM))).toEqual([202, 'more-approvers-needed']);
    expect(await decide(leads, 'decisions', all, as(KIM))).toEqual([409, 'second-approver-must-differ']);
    expect(await decide(leads, 'decisions', all, as(LOCAL))).toEqual([201, 'approved']);
    expect(await decide(leads, 'extend', {}, as(LOCAL))).toEqual([409, 'already-decided']);
    const rest = { kind: 'approve', steps: (await steps(analysts)).slice(0, 1) };
    expect(await decide(analysts, 'decisions', rest, as(LOCAL))).toEqual([201, 'approved']);
  });

  it('to the undo of what was done', async () => {
    responder.leave();
    const undo = await until('the offer to undo', async () => {
      const file = await responder.caseFile(leads.split('.')[0] ?? '');
      const open = file?.approvals.filter(({ purpose, state }) => purpose === 'undo' && state === 'waiting');
      return open?.length === 2 ? open.map(({ id }) => id) : undefined;
    });
    const twoPeople = undo.find((id) => id.includes('.leads')) ?? '';
    const body = { steps: await steps(twoPeople) };
    expect(await decide(twoPeople, 'undo', { steps: [] }, as(KIM))).toEqual([422, 'nothing-selected']);
    expect(await decide(twoPeople, 'undo', body, as(NOOR))).toEqual([403, 'not-an-approver']);
    expect(await decide(twoPeople, 'undo', body, as(KIM))).toEqual([202, 'more-approvers-needed']);
    expect(await decide(twoPeople, 'undo', body, as(LOCAL))).toEqual([201, 'undo-approved']);
    expect((await call('GET', '/api/approvals?state=decided')).json.approvals).not.toHaveLength(0);
    expect((await call('GET', '/api/incidents?cursor=made-up')).status).toBe(400);
  });

  it('after the end', async () => {
    const late = await Responder.start({ nobodyIsThere: true });
    try {
      const { approvals } = await late.ended(await late.deliver());
      const request = await late.request(approvals[0]?.id ?? '');
      for (const kind of ['approve', 'extend', 'undo'] as const) {
        const answer = await late.decide(request, { kind });
        expect([answer.status, answer.json.code]).toEqual([410, expect.stringMatching(/^(ended|expired)$/)]);
        const endpoint = kind === 'approve' ? 'decisions' : kind;
        check('POST', `/api/approvals/${request.approval.id}/${endpoint}`, answer);
      }
      const retry = `/api/incidents/${request.instanceId}/retry`;
      const answer = await late.call('POST', retry);
      expect(answer.status).toBe(202);
      check('POST', retry, answer);
    } finally {
      await late.stop();
    }
  });

  it('to somebody who decides faster than people do', async () => {
    for (const endpoint of ['decisions', 'extend', 'undo']) {
      const path = `/api/approvals/${analysts}/${endpoint}`;
      const answers: number[] = [];
      do answers.push((await call('POST', path, as(KIM), { steps: [], kind: 'approve' })).status);
      while (answers.at(-1) !== 429 && answers.length < 100);
      expect(answers.at(-1)).toBe(429);
    }
    for (const path of [
      `/api/rejected/${rejected}/resubmit`,
      `/api/rejected/${rejected}/drop`,
      '/api/incidents/nothing/retry',
    ]) {
      expect((await call('POST', path, as(KIM))).status).toBe(429);
    }
  });
});

describe('what is described', () => {
  /**
   * Needs an evaluation of more than five seconds, a host with failing or tampered storage, an app with a setup problem, or
   * a client that sends chunks.
   */
  const NOT_PROVOKED = [
    'intakeFromHttp 503',
    'allowOrigin 503',
    'extendApproval 202',
    'showApproval 409',
    'health 503',
    ...['intakeFromHttp', 'decideApproval', 'extendApproval', 'undoApproval', 'retryIncident'].map(
      (id) => `${id} 411`,
    ),
  ];

  it('has been seen, all of it', () => {
    const missing = operations.flatMap(({ operation: { operationId, responses } }) =>
      Object.keys(responses)
        .filter((status) => !seen.get(operationId)?.has(status))
        .map((status) => `${operationId} ${status}`),
    );
    expect(missing.sort()).toEqual(NOT_PROVOKED.sort());
  });
});
