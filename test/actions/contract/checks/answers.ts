/** Whatever the service answers to the write, or not, the response acts once at most, and says what it knows. */
import type { Fault } from 'tenant-simulator';
import { expect } from 'vitest';
import { apis } from '../../../../src/actions/services.js';
import type { Api } from '../../../../src/connectors/index.js';
import { act, actAgain, actNow, inTenant, readBack, roundTrips, SETTLED_SECONDS, until } from '../act.js';
import type { ResponseCheck } from './check.js';
import { withFault, writeOf } from './faulty-write.js';

const lostAnswer: ResponseCheck = {
  name: 'lost answer',
  promise: 'if the answer is lost, or breaks off, it finds its own effect and does not repeat it',
  async run(action, given) {
    const answers: readonly Fault['answer'][] = [{ kind: 'reset', after: 'effect' }, { kind: 'half' }];
    for (const answer of answers) {
      await withFault(action, given, answer, async (contoso, approved) => {
        const first = await act(action, approved, contoso);
        const result = first.ok ? first : await actAgain(action, approved, contoso, first);
        expect(result).toMatchObject({ ok: true, value: { state: 'requested' } });
        expect(contoso.writes()).toHaveLength(1);
        if (!result.ok) return;
        contoso.clock.advance(SETTLED_SECONDS);
        expect(await readBack(action, approved, result.value.output, contoso)).toBe('confirmed');
      });
    }
  },
};

const lostRequest: ResponseCheck = {
  name: 'lost request',
  promise: 'if the request is lost, the next attempt sends it again',
  run: (action, given) =>
    withFault(action, given, { kind: 'reset', after: 'nothing' }, async (contoso, approved) => {
      const first = await act(action, approved, contoso);
      expect(first).toMatchObject({ ok: false, error: { retry: 'check-before-retry' } });
      if (first.ok) return;
      expect(await actAgain(action, approved, contoso, first)).toMatchObject({
        ok: true,
        value: { state: 'requested' },
      });
      expect(contoso.writes()).toHaveLength(2);
    }),
};

const STATUSES: readonly (readonly [number, object])[] = [
  [401, { code: 'unauthorized', retry: 'no' }],
  [403, { code: 'forbidden', retry: 'no' }],
  [404, { code: 'not-found', retry: 'no' }],
  [429, { code: 'throttled', retry: 'later' }],
  [500, { code: 'service-unavailable', retry: 'check-before-retry' }],
  [503, { code: 'service-unavailable', retry: 'check-before-retry' }],
  [504, { code: 'timed-out', retry: 'check-before-retry' }],
];
const refused: ResponseCheck = {
  name: 'refused',
  promise:
    'it reports 401, 403 (with the names of the permissions), 404, 429 and 5xx, and succeeds once the service accepts the request',
  async run(action, given) {
    for (const [status, error] of STATUSES) {
      await withFault(action, given, { kind: 'status', status }, async (contoso, approved) => {
        const first = await act(action, approved, contoso);
        expect(first).toMatchObject({ ok: false, error });
        if (first.ok) return;
        expect(first.error.retryAfterMs).toBeUndefined();
        const names = status === 403 ? action.permissions.map(({ name }) => name) : [];
        for (const name of names) expect(first.error.message).toContain(name);
        expect(contoso.writes()).toHaveLength(1);
        expect(await actAgain(action, approved, contoso, first)).toMatchObject({ ok: true });
        expect(contoso.writes()).toHaveLength(2);
      });
    }
  },
};

const conflict: ResponseCheck = {
  name: 'conflict',
  promise:
    'after a 409 or 412 it reads the state again, does not act against it, and claims no effect that is not there',
  async run(action, given) {
    for (const status of [409, 412]) {
      await withFault(action, given, { kind: 'status', status }, async (contoso, approved) => {
        const first = await act(action, approved, contoso);
        if (!first.ok) {
          expect(first.error).toMatchObject({ retry: 'check-before-retry' });
          expect(contoso.writes()).toHaveLength(1);
          return;
        }
        // It has read the newer state, and acted on that.
        contoso.clock.advance(SETTLED_SECONDS);
        expect(await readBack(action, approved, first.value.output, contoso)).toBe('confirmed');
      });
    }
  },
};

const retryAfter: ResponseCheck = {
  name: 'retry after',
  promise: 'it passes on how long the service asks to wait',
  run: (action, given) =>
    withFault(
      action,
      given,
      { kind: 'status', status: 429, retryAfterSeconds: 7 },
      async (contoso, approved) => {
        expect(await act(action, approved, contoso)).toMatchObject({
          ok: false,
          error: { code: 'throttled', retry: 'later', retryAfterMs: 7000 },
        });
      },
    ),
};

const timeOut: ResponseCheck = {
  name: 'time-out',
  promise: 'if the service does not answer in time, the outcome is unknown',
  run: (action, given) =>
    withFault(action, given, { kind: 'hang' }, async (contoso, approved) => {
      const deadline = new AbortController();
      const acting = act(action, approved, contoso, { deadline: deadline.signal });
      await until(contoso.clients, () => contoso.writes().length === 1);
      await roundTrips(contoso.clients);
      deadline.abort();
      expect(await acting).toMatchObject({
        ok: false,
        error: { code: 'timed-out', retry: 'check-before-retry' },
      });
    }),
};

const unreadable: ResponseCheck = {
  name: 'unreadable',
  promise: 'while the state cannot be read it sends nothing, and proves nothing',
  run: (action, given) =>
    inTenant(action, given, async (contoso, { input }) => {
      // Without the record, which would be read first.
      const approved = { input };
      const { host } = await writeOf(action, given);
      const reads = Object.values<Api>(apis).flatMap((api) =>
        api.host === host && api.readingPosts ? [['POST', api.readingPosts] as const] : [],
      );
      const fail = () => {
        for (const [method, path] of [['GET', /./] as const, ...reads])
          contoso.simulator.addFault({ host, method, path, times: 3, answer: { kind: 'garbage' } });
      };
      fail();
      expect(await act(action, approved, contoso)).toMatchObject({ ok: false });
      expect(contoso.writes()).toEqual([]);
      const { output } = await actNow(action, approved, contoso);
      contoso.clock.advance(SETTLED_SECONDS);
      fail();
      expect(await readBack(action, approved, output, contoso)).toBe('unread');
    }),
};

export const answerChecks: readonly ResponseCheck[] = [
  ...[lostAnswer, lostRequest, refused, conflict, retryAfter, timeOut, unreadable],
];
