/** An enrichment that could not read fails: its finding is unknown, never a harmless value. */
import type { Fault, LoggedCall } from 'tenant-simulator';
import { expect } from 'vitest';
import { runEnrichment } from '../../../../src/actions/run.js';
import { apis } from '../../../../src/actions/services.js';
import { type Contoso, withContoso } from '../../contoso.js';
import { queryOf, refuseUnknownCalls, roundTrips, until } from '../act.js';
import type { EnrichmentCase } from '../case.js';
import type { EnrichmentCheck } from './check.js';
import { exactly } from './faulty-write.js';

type Action = Parameters<EnrichmentCheck['run']>[0];
/** A read is repeated twice, so three failures make one failed read. */
const ATTEMPTS = 3;

const read = (action: Action, given: EnrichmentCase, contoso: Contoso, deadline?: AbortSignal) => {
  const context = contoso.context(action.name, 'target', deadline && { deadline });
  return runEnrichment(action, queryOf(action, given), context);
};

/** The calls of a run that nothing disturbs, and its finding. */
async function undisturbed(action: Action, given: EnrichmentCase) {
  const calls = new Map<string, LoggedCall>();
  const findings: unknown[] = [];
  await withContoso([], async (contoso) => {
    const result = await read(action, given, contoso);
    refuseUnknownCalls(contoso);
    expect(result, result.ok ? '' : result.error.message).toMatchObject({ ok: true });
    if (result.ok) findings.push(result.value);
    for (const call of contoso.simulator.calls()) {
      if (Object.values(apis).some(({ host }) => host === call.host))
        calls.set(`${call.method} ${call.path}`, call);
    }
  });
  return { calls: [...calls.values()], finding: findings[0] };
}

/** Each call of the run in turn is answered wrongly. */
async function forEachCall(
  action: Action,
  given: EnrichmentCase,
  answer: Fault['answer'],
  test: (contoso: Contoso, finding: unknown) => Promise<void>,
): Promise<void> {
  const { calls, finding } = await undisturbed(action, given);
  for (const { host, method, path } of calls) {
    await withContoso([{ host, method, path: exactly(path), times: ATTEMPTS, answer }], (contoso) =>
      test(contoso, finding),
    );
  }
}

const STATUSES: readonly (readonly [number, object])[] = [
  [401, { code: 'unauthorized', retry: 'no' }],
  [403, { code: 'forbidden', retry: 'no' }],
  [429, { code: 'throttled', retry: 'later' }],
  [500, { code: 'service-unavailable', retry: 'later' }],
  [503, { code: 'service-unavailable', retry: 'later' }],
  [504, { code: 'timed-out', retry: 'later' }],
];
const refused: EnrichmentCheck = {
  name: 'refused',
  promise:
    'after 401, 403 (with the names of the permissions), 429 or 5xx to any of its calls there is no finding',
  async run(action, given) {
    for (const [status, error] of STATUSES) {
      await forEachCall(action, given, { kind: 'status', status }, async (contoso) => {
        const result = await read(action, given, contoso);
        expect(result).toMatchObject({ ok: false, error });
        const names = status === 403 ? action.permissions.map(({ name }) => name) : [];
        for (const name of names) expect(!result.ok && result.error.message).toContain(name);
      });
    }
  },
};

const missing: EnrichmentCheck = {
  name: 'missing',
  promise:
    'a 404 to any of its calls is not found, or a finding that says so: never the finding of a record that is there',
  run: (action, given) =>
    forEachCall(action, given, { kind: 'status', status: 404 }, async (contoso, finding) => {
      const result = await read(action, given, contoso);
      if (result.ok) expect(result.value).not.toEqual(finding);
      else expect(result.error.code).toBe('not-found');
    }),
};

const retryAfter: EnrichmentCheck = {
  name: 'retry after',
  promise: 'it passes on how long the service asks to wait',
  run: (action, given) =>
    forEachCall(action, given, { kind: 'status', status: 429, retryAfterSeconds: 70 }, async (contoso) => {
      expect(await read(action, given, contoso)).toMatchObject({
        ok: false,
        error: { code: 'throttled', retry: 'later', retryAfterMs: 70_000 },
      });
    }),
};

const timeOut: EnrichmentCheck = {
  name: 'time-out',
  promise: 'if the service does not answer any of its calls in time, there is no finding',
  run: (action, given) =>
    forEachCall(action, given, { kind: 'hang' }, async (contoso) => {
      const deadline = new AbortController();
      const reading = read(action, given, contoso, deadline.signal);
      await until(contoso.clients, () => contoso.simulator.calls().some(({ status }) => status === 0));
      await roundTrips(contoso.clients);
      deadline.abort();
      expect(await reading).toMatchObject({ ok: false, error: { code: 'timed-out', retry: 'later' } });
    }),
};

const broken: EnrichmentCheck = {
  name: 'broken answer',
  promise: 'half an answer, or one that is none, to any of its calls is no finding',
  async run(action, given) {
    for (const kind of ['half', 'garbage'] as const) {
      await forEachCall(action, given, { kind }, async (contoso) => {
        expect(await read(action, given, contoso)).toMatchObject({ ok: false });
      });
    }
  },
};

export const readingChecks: readonly EnrichmentCheck[] = [refused, missing, retryAfter, timeOut, broken];
