import type { Fault } from 'tenant-simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  contoso,
  DANA,
  type RunningContoso,
  startContoso,
  triggerBody,
  WORKSTATION,
} from '../../packages/tenant-simulator/test/contoso.js';
import { apis } from '../../src/actions/services.js';
import { createClients } from '../../src/connectors/index.js';
import { kql } from '../../src/domain/builders/kql.js';
import { type ApiPath, armId, path } from '../../src/domain/builders/path.js';
import type { ErrorInfo } from '../../src/domain/errors.js';

const anything = z.unknown();
const incident = armId(triggerBody().object.id);
const comment = path`${incident}/comments/${'one'}?api-version=2025-09-01`;
const workspace = contoso().workspace.customerId;

type Run = (tenant: RunningContoso, signal?: AbortSignal) => Promise<unknown>;
const options = (signal?: AbortSignal) => (signal ? { signal } : {});
/** Waits briefly, and needs no sign-in: only the service itself can be late. */
function clientsWithShortTimeout({ config, clock }: RunningContoso) {
  const credential = {
    getToken: async () => ({ token: 'any', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
  };
  return createClients(apis, { ...config, timeoutMs: 400 }, { clock, credential });
}
/** One read of each client. */
const READS: [service: string, host: string, run: Run][] = [
  [
    'Graph',
    'graph.microsoft.com',
    ({ clients }, s) => clients.graph.get(path`/v1.0/users/${DANA}`, anything, options(s)),
  ],
  [
    'Defender',
    'api.security.microsoft.com',
    ({ clients }, s) => clients.defender.get(path`/api/machines/${WORKSTATION}`, anything, options(s)),
  ],
  [
    'Sentinel',
    'management.azure.com',
    ({ clients }, s) =>
      clients.arm.postRead(
        path`${incident}/entities?api-version=2025-09-01`,
        undefined,
        anything,
        options(s),
      ),
  ],
  [
    'Log Analytics',
    'api.loganalytics.io',
    ({ clients }, s) =>
      clients.logs.query(workspace, kql('SigninLogs | summarize', { user: DANA }), 'P14D', options(s)),
  ],
];
/** One write of each client that writes. */
const WRITES: [service: string, host: string, run: Run][] = [
  [
    'Graph',
    'graph.microsoft.com',
    ({ clients }, s) =>
      clients.graph.post(path`/v1.0/users/${DANA}/revokeSignInSessions`, undefined, anything, options(s)),
  ],
  [
    'Graph',
    'graph.microsoft.com',
    ({ clients }, s) =>
      clients.graph.patch(path`/v1.0/users/${DANA}`, { accountEnabled: false }, anything, options(s)),
  ],
  [
    'Defender',
    'api.security.microsoft.com',
    ({ clients }, s) =>
      clients.defender.post(
        path`/api/machines/${WORKSTATION}/isolate`,
        { Comment: 'x', IsolationType: 'Full' },
        anything,
        options(s),
      ),
  ],
  [
    'Sentinel',
    'management.azure.com',
    ({ clients }, s) => clients.arm.put(comment, { properties: { message: 'x' } }, anything, options(s)),
  ],
];

let tenant: RunningContoso;
beforeEach(async () => {
  tenant = await startContoso();
});
afterEach(() => tenant.simulator.stop());

const order = (host: string, answer: Fault['answer'], times = 99): void =>
  tenant.simulator.addFault({ host, path: /./, times, answer });
const callsTo = (host: string): number =>
  tenant.simulator.calls().filter((call) => call.host === host).length;
async function infoOf(call: Promise<unknown>): Promise<ErrorInfo> {
  const thrown = await call.then(
    () => new Error('there was no failure'),
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ name: 'ResponderError' });
  return (thrown as { info: ErrorInfo }).info;
}

const STATUSES: [status: number, code: string, read: ErrorInfo['retry'], write: ErrorInfo['retry']][] = [
  [400, 'invalid-request', 'no', 'no'],
  [401, 'unauthorized', 'no', 'no'],
  [403, 'forbidden', 'no', 'no'],
  [404, 'not-found', 'no', 'no'],
  [405, 'invalid-request', 'no', 'no'],
  [408, 'timed-out', 'later', 'check-before-retry'],
  [409, 'conflict', 'check-before-retry', 'check-before-retry'],
  [412, 'precondition-failed', 'check-before-retry', 'check-before-retry'],
  [429, 'throttled', 'later', 'later'],
  [500, 'service-unavailable', 'later', 'check-before-retry'],
  [501, 'invalid-request', 'no', 'no'],
  [502, 'service-unavailable', 'later', 'check-before-retry'],
  [503, 'service-unavailable', 'later', 'check-before-retry'],
  [504, 'timed-out', 'later', 'check-before-retry'],
];

describe.each(READS)('a read of %s', (_service, host, run) => {
  it.each(STATUSES)('that is answered with %i fails as %s', async (status, code, retry) => {
    order(host, { kind: 'status', status });
    const info = await infoOf(run(tenant));
    expect(info).toMatchObject({ code, retry, httpStatus: status });
    expect(info.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(info.serviceCode).toMatch(/^\w+$/);
    const repeated = retry === 'later' && code !== 'timed-out';
    expect(callsTo(host)).toBe(repeated ? 3 : 1);
  });

  it.each([
    ['a status 503', { kind: 'status', status: 503 }],
    ['a lost connection', { kind: 'reset', after: 'nothing' }],
    ['half an answer', { kind: 'half' }],
    ['a page of HTML', { kind: 'garbage' }],
    ['throttling without a time', { kind: 'status', status: 429 }],
    ['throttling for a second', { kind: 'status', status: 429, retryAfterSeconds: 1 }],
  ] as [string, Fault['answer']][])('succeeds after %s', async (_what, answer) => {
    order(host, answer, 1);
    await expect(run(tenant)).resolves.toBeDefined();
    expect(callsTo(host)).toBe(2);
    expect(tenant.pauses).toHaveLength(1);
  });

  it.each([
    ['a connection that is always lost', { kind: 'reset', after: 'nothing' }, 'service-unavailable'],
    ['half an answer each time', { kind: 'half' }, 'service-unavailable'],
    ['HTML each time', { kind: 'garbage' }, 'bad-answer'],
  ] as [string, Fault['answer'], string][])(
    'fails after three times with %s',
    async (_what, answer, code) => {
      order(host, answer);
      expect(await infoOf(run(tenant))).toMatchObject({ code, retry: 'later', fault: 'service' });
      expect(callsTo(host)).toBe(3);
    },
  );

  it('throws a longer throttling at once, with the time', async () => {
    order(host, { kind: 'status', status: 429, retryAfterSeconds: 86_400 });
    expect(await infoOf(run(tenant))).toMatchObject({ code: 'throttled', retryAfterMs: 86_400_000 });
    expect(callsTo(host)).toBe(1);
  });

  it('times out without an answer', async () => {
    const clients = clientsWithShortTimeout(tenant);
    order(host, { kind: 'hang' });
    expect(await infoOf(run({ ...tenant, clients }))).toMatchObject({ code: 'timed-out', retry: 'later' });
    expect(callsTo(host)).toBe(1);
  });

  it('ends when the caller aborts it', async () => {
    order(host, { kind: 'hang' });
    const controller = new AbortController();
    const call = infoOf(run(tenant, controller.signal));
    setTimeout(() => controller.abort(), 50);
    expect(await call).toMatchObject({ code: 'timed-out' });
    expect(await infoOf(run(tenant, AbortSignal.abort()))).toMatchObject({ code: 'timed-out' });
  });
});

describe.each(WRITES)('a write of %s', (_service, host, run) => {
  it.each(STATUSES)(
    'that is answered with %i is not repeated and fails as %s',
    async (status, code, _read, retry) => {
      order(host, { kind: 'status', status, retryAfterSeconds: 1 });
      expect(await infoOf(run(tenant))).toMatchObject({
        code,
        retry,
        httpStatus: status,
        retryAfterMs: 1000,
      });
      expect(callsTo(host)).toBe(1);
    },
  );

  it.each([
    ['before the effect', { kind: 'reset', after: 'nothing' }],
    ['after the effect', { kind: 'reset', after: 'effect' }],
    ['in the middle of the answer', { kind: 'half' }],
  ] as [string, Fault['answer']][])(
    'whose connection is lost %s has an unknown outcome',
    async (_what, answer) => {
      order(host, answer);
      expect(await infoOf(run(tenant))).toMatchObject({
        code: 'service-unavailable',
        retry: 'check-before-retry',
      });
      expect(callsTo(host)).toBe(1);
    },
  );

  it('that is answered with HTML has an unknown outcome', async () => {
    order(host, { kind: 'garbage' });
    expect(await infoOf(run(tenant))).toMatchObject({
      code: 'bad-answer',
      retry: 'check-before-retry',
      place: '$',
    });
    expect(callsTo(host)).toBe(1);
  });

  it('without an answer has an unknown outcome', async () => {
    const clients = clientsWithShortTimeout(tenant);
    order(host, { kind: 'hang' });
    expect(await infoOf(run({ ...tenant, clients }))).toMatchObject({
      code: 'timed-out',
      retry: 'check-before-retry',
    });
    expect(callsTo(host)).toBe(1);
  });
});

describe('an answer', () => {
  const machine = path`/api/machines/${WORKSTATION}`;

  it('that does not match the schema names the place', async () => {
    const schema = z.object({ ipAddresses: z.array(z.object({ type: z.number() })) });
    const info = await infoOf(tenant.clients.defender.get(machine, schema));
    expect(info).toMatchObject({ code: 'bad-answer', retry: 'no', place: '$.ipAddresses[0].type' });
  });

  it('to a write that does not match the schema may hide an effect', async () => {
    const call = tenant.clients.arm.put(
      comment,
      { properties: { message: 'x' } },
      z.object({ nothing: z.string() }),
    );
    expect(await infoOf(call)).toMatchObject({
      code: 'bad-answer',
      retry: 'check-before-retry',
      place: '$.nothing',
    });
  });

  it('has the id under which the service can find it', async () => {
    const answer = await tenant.clients.defender.get(machine, anything);
    expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('an error', () => {
  it.each([
    ['identity protection', path`/v1.0/identityProtection/riskyUsers/${DANA}?secret=query-text`],
    ['a user', path`/v1.0/users/${DANA}?$filter=${{ raw: 'query-text' }}`],
  ])(
    'of %s holds neither the query, a token, a secret nor the text of the service',
    async (_what, where: ApiPath) => {
      order('graph.microsoft.com', { kind: 'status', status: 403 });
      const info = await infoOf(tenant.clients.graph.get(where, anything));
      const text = JSON.stringify(info);
      for (const secret of [
        'query-text',
        'simulated.',
        'Bearer',
        contoso().app.clientSecret,
        'was injected',
      ]) {
        expect(text).not.toContain(secret);
      }
    },
  );

  it('while signing in is distinguished from one of the service, and a write was not sent', async () => {
    order('login.microsoftonline.com', { kind: 'status', status: 503 });
    for (const [, host, run] of WRITES) {
      expect(await infoOf(run(tenant))).toMatchObject({ code: 'service-unavailable', retry: 'later' });
      expect(callsTo(host)).toBe(0);
    }
  });

  it('while signing in hangs is a time-out', async () => {
    const { config, clock } = tenant;
    order('login.microsoftonline.com', { kind: 'hang' });
    const clients = createClients(apis, { ...config, timeoutMs: 150 }, { clock });
    for (const [, , run] of READS) {
      expect(await infoOf(run({ ...tenant, clients }))).toMatchObject({ code: 'timed-out' });
    }
  });
});
