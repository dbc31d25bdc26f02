import { describe, expect, it } from 'vitest';
import revoke from '../../src/actions/entra/revoke-sessions.js';
import { confirmResponse, runResponse, undoResponse } from '../../src/actions/run.js';
import { type Contoso, DANA, failing, GRAPH, GUEST, START, withContoso } from './contoso.js';

const dana = { objectId: DANA, upn: 'dana.ortiz@contoso.com' };
const REVOKE = /revokeSignInSessions$/;
const context = (contoso: Contoso, decidedAt = contoso.clock.now()) =>
  contoso.context(revoke.name, DANA, { decidedAt });
const revocations = (contoso: Contoso) => contoso.writes().filter((write) => REVOKE.test(write));

async function run(contoso: Contoso, decidedAt?: number) {
  const result = await runResponse(revoke, dana, context(contoso, decidedAt));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe.concurrent('revoking sessions', () => {
  it('is proved by the time from which sessions are valid', () =>
    withContoso([], async (contoso) => {
      contoso.clock.advance(0.4);
      const { state, output } = await run(contoso);
      expect(state).toBe('requested');
      expect(output).toMatchObject({
        requestedAt: '2026-03-10T08:12:00.000Z',
        before: '2026-01-05T09:00:00Z',
      });
      expect(await confirmResponse(revoke, dana, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('2026-03-10T08:12:00Z') },
      });
    }));

  it('is not repeated for one decision, however late its attempts run', () =>
    withContoso([], async (contoso) => {
      await run(contoso, START);
      contoso.clock.advance(1200);
      const again = await run(contoso, START);
      expect(again).toMatchObject({
        state: 'requested',
        evidence: { by: expect.stringContaining('attempt') },
      });
      expect(await confirmResponse(revoke, dana, again.output, context(contoso))).toMatchObject({
        value: { state: 'confirmed' },
      });
      expect(revocations(contoso)).toHaveLength(1);
    }));

  it('runs although sessions were revoked shortly before: others may have started since', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => {
        for (const user of state.users) user.signInSessionsValidFromDateTime = '2026-03-10T08:11:00Z';
      });
      const { state, output } = await run(contoso);
      expect(state).toBe('requested');
      expect(await confirmResponse(revoke, dana, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('2026-03-10T08:12:00Z') },
      });
    }));

  it('is pending while the directory shows the old time', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.change((state) => {
        for (const user of state.users) user.signInSessionsValidFromDateTime = '2026-01-05T09:00:00Z';
      });
      expect(await confirmResponse(revoke, dana, output, context(contoso))).toMatchObject({
        value: { state: 'pending' },
      });
    }));

  it('refuses guests, whose sessions belong to their home tenant', () =>
    withContoso([], async (contoso) => {
      const guest = { objectId: GUEST, upn: 'ana@fabrikam.com' };
      expect(await runResponse(revoke, guest, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'unsupported-target', retry: 'no' },
      });
      expect(revocations(contoso)).toEqual([]);
    }));

  it('reads back an effect after a lost response, and does not repeat the request', () =>
    withContoso([failing(GRAPH, REVOKE, { kind: 'reset', after: 'effect' }, 'POST', 1)], async (contoso) => {
      expect(await run(contoso)).toMatchObject({ state: 'requested' });
      expect(revocations(contoso)).toHaveLength(1);
    }));

  it.each([
    [{ kind: 'reset', after: 'nothing' }, 'check-before-retry'],
    [{ kind: 'status', status: 502 }, 'check-before-retry'],
    [{ kind: 'status', status: 429, retryAfterSeconds: 9 }, 'later'],
    [{ kind: 'status', status: 404 }, 'no'],
    [{ kind: 'status', status: 403 }, 'no'],
  ] as const)('does not repeat by itself after %j', (answer, retry) =>
    withContoso([failing(GRAPH, REVOKE, answer, 'POST', 1)], async (contoso) => {
      expect(await runResponse(revoke, dana, context(contoso))).toMatchObject({
        ok: false,
        error: { retry },
      });
      expect(revocations(contoso)).toHaveLength(1);
    }),
  );

  it('cannot be undone', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      expect(await undoResponse(revoke, dana, output, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'irreversible' },
      });
    }));
});
