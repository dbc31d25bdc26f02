/** Responses on a user beyond what the contract suite checks: what the tenant holds afterwards, and what is left alone. */
import { describe, expect, it } from 'vitest';
import type { Response } from '../../src/actions/define.js';
import compromised from '../../src/actions/entra/confirm-compromised.js';
import dismiss from '../../src/actions/entra/dismiss-risk.js';
import force from '../../src/actions/entra/force-password-change.js';
import { confirmResponse, resolveTarget, runResponse, undoResponse } from '../../src/actions/run.js';
import { type Contoso, DANA, failing, GRAPH, withContoso } from './contoso.js';

const dana = { objectId: DANA, upn: 'dana.ortiz@contoso.com' };
const userOf = (contoso: Contoso) => contoso.state().users.find(({ id }) => id === DANA);
const isForced = (contoso: Contoso) =>
  (userOf(contoso)?.passwordProfile as { forceChangePasswordNextSignIn: boolean } | undefined)
    ?.forceChangePasswordNextSignIn;
const setPassword = (contoso: Contoso, at: string, forceChangePasswordNextSignIn: boolean) =>
  contoso.change(({ users }) =>
    Object.assign(users.find(({ id }) => id === DANA) ?? {}, {
      lastPasswordChangeDateTime: at,
      passwordProfile: { forceChangePasswordNextSignIn, password: null },
    }),
  );

/** The precheck and the act, as the app calls them. */
async function run(action: unknown, contoso: Contoso, input: object = dana) {
  const response = action as Response;
  const context = contoso.context(response.name, DANA);
  const first = await runResponse(response, input, context);
  const result =
    first.ok && first.value.state === 'prechecked'
      ? await runResponse(response, input, { ...context, prechecked: true })
      : first;
  if (!result.ok || result.value.state === 'prechecked') throw new Error(JSON.stringify(result));
  return { ...result.value, context };
}

describe.concurrent('requiring a new password', () => {
  it('is confirmed by the new password, too, and then has nothing to undo', () =>
    withContoso([], async (contoso) => {
      const { output, context } = await run(force, contoso);
      expect(isForced(contoso)).toBe(true);
      setPassword(contoso, '2026-03-10T08:20:00Z', false);
      expect(await confirmResponse(force as Response, dana, output, context)).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('2026-03-10T08:20:00Z') },
      });
      expect(await undoResponse(force as Response, dana, output, context)).toMatchObject({ ok: true });
      expect(contoso.writes()).toHaveLength(1);
    }));

  it('is left in place if somebody has set the password again since', () =>
    withContoso([], async (contoso) => {
      const { output, context } = await run(force, contoso);
      setPassword(contoso, '2026-03-10T08:20:00Z', true);
      expect(await undoResponse(force as Response, dana, output, context)).toMatchObject({
        value: { state: 'not-ours', reason: expect.stringContaining('set it again since') },
      });
      expect(isForced(contoso)).toBe(true);
    }));

  it('ends what another incident began that no longer relies on it', () =>
    withContoso([], async (contoso) => {
      const first = await run(force, contoso);
      const second = await run(force, contoso);
      expect(second).toMatchObject({ state: 'already-done', output: { changed: false } });
      const { context, output } = second;
      const undone = await undoResponse(force as Response, dana, output, context, [first.output]);
      expect(undone).toMatchObject({ value: { state: 'requested' } });
      expect(isForced(contoso)).toBe(false);
    }));

  it('ends its own change that came after a new password, whatever an earlier incident did', () =>
    withContoso([], async (contoso) => {
      const first = await run(force, contoso);
      setPassword(contoso, '2026-03-10T08:20:00Z', false);
      const second = await run(force, contoso);
      expect(second).toMatchObject({ state: 'requested', output: { changed: true } });
      const { output, context } = first;
      const undone = await undoResponse(force as Response, dana, output, context, [second.output]);
      expect(undone).toMatchObject({ value: { state: 'requested' } });
      expect(isForced(contoso)).toBe(false);
    }));

  it('says that the author is unknown after a crash', () =>
    withContoso([], async (contoso) => {
      const { context } = await run(force, contoso);
      const again = await runResponse(force as Response, dana, { ...context, prechecked: true });
      const output = again.ok && again.value.state !== 'prechecked' ? again.value.output : undefined;
      expect(await undoResponse(force as Response, dana, output, context)).toMatchObject({
        ok: false,
        error: { code: 'undo-unclear', next: expect.stringContaining('by hand') },
      });
    }));
});

describe.concurrent("a user's risk", () => {
  it('is high once the user is confirmed as compromised, and none once it is dismissed', () =>
    withContoso([], async (contoso) => {
      expect(await run(compromised, contoso)).toMatchObject({
        output: { before: { riskLevel: 'high', riskState: 'atRisk' } },
      });
      expect(userOf(contoso)?.risk).toMatchObject({ riskLevel: 'high', riskState: 'confirmedCompromised' });
      await run(dismiss, contoso);
      expect(userOf(contoso)?.risk).toMatchObject({ riskLevel: 'none', riskState: 'dismissed' });
    }));

  it('is confirmed for a user who was never at risk, and not dismissed', () =>
    withContoso([], async (contoso) => {
      contoso.change(({ users }) => delete users.find(({ id }) => id === DANA)?.risk);
      expect(await run(dismiss, contoso)).toMatchObject({ state: 'already-done' });
      expect(await run(compromised, contoso)).toMatchObject({
        state: 'requested',
        output: { before: { riskLevel: 'none', riskState: 'none' } },
      });
    }));

  it('is not taken for dismissed in a state that is not documented', () =>
    withContoso([], async (contoso) => {
      const { output, context } = await run(dismiss, contoso);
      contoso.change(({ users }) =>
        Object.assign(users.find(({ id }) => id === DANA)?.risk ?? {}, { riskState: 'underReview' }),
      );
      expect(await confirmResponse(dismiss as Response, dana, output, context)).toMatchObject({
        value: { state: 'pending', status: expect.stringContaining('underReview') },
      });
    }));

  it('is one effect, which confirming begins and dismissing ends', () => {
    expect([compromised.lasting, dismiss.lasting]).toEqual([
      { effect: 'user-compromised', does: 'begin' },
      { effect: 'user-compromised', does: 'end' },
    ]);
  });

  it.each(['free', 'P1'] as const)(
    'cannot be changed with the licence %s, whatever the permissions',
    (licence) =>
      withContoso([], async (contoso) => {
        contoso.change(({ tenant }) => Object.assign(tenant, { licence }));
        const result = await runResponse(
          compromised as Response,
          dana,
          contoso.context(compromised.name, DANA),
        );
        expect(result).toMatchObject({
          ok: false,
          error: { code: 'not-licensed', retry: 'no', next: expect.stringContaining('P2') },
        });
        expect(result.ok ? '' : result.error.message).not.toContain('needs IdentityRiskyUser');
        expect(contoso.writes()).toEqual([]);
      }),
  );
});

it('does not find out who is an administrator from a part of the list', () =>
  withContoso([failing(GRAPH, /transitiveMemberOf/, { kind: 'part' }, 'GET', 1)], async (contoso) => {
    contoso.change(({ groups }) => groups.push({ id: 'g2', displayName: 'Two', members: [DANA] }));
    expect(
      await resolveTarget(force as Response, { objectId: DANA }, contoso.context(force.name, DANA)),
    ).toMatchObject({ ok: false, error: { code: 'incomplete-answer' } });
  }));
