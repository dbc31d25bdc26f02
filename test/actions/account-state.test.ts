import { describe, expect, it } from 'vitest';
import disable from '../../src/actions/entra/disable-user.js';
import enable from '../../src/actions/entra/enable-user.js';
import { confirmResponse, confirmUndo, runResponse, undoResponse } from '../../src/actions/run.js';
import {
  ADMIN,
  type Contoso,
  DANA,
  failing,
  GRAPH,
  restrictToBasicProfile,
  SYNCED,
  withContoso,
} from './contoso.js';

const dana = { objectId: DANA, upn: 'dana.ortiz@contoso.com' };
const synced = { objectId: SYNCED, upn: 'sam.hybrid@contoso.com' };
const USERS = /\/users\//;
const context = (contoso: Contoso) => contoso.context(disable.name, DANA);
const isEnabled = (contoso: Contoso, id: string) =>
  contoso.state().users.find((user) => user.id === id)?.accountEnabled;

/** Both halves of a run, as the app calls them. */
async function runBoth(contoso: Contoso, input = dana, action = disable, deadlineMs = 30_000) {
  const given = { ...context(contoso), deadlineMs };
  const first = await runResponse(action, input, given);
  if (!first.ok || first.value.state !== 'prechecked') return first;
  return runResponse(action, input, { ...given, prechecked: true });
}

async function run(contoso: Contoso, input = dana, action = disable) {
  const result = await runBoth(contoso, input, action);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe.concurrent('disabling a user', () => {
  it('disables, confirms by reading back, and enables again when undone', () =>
    withContoso([], async (contoso) => {
      const { state, output } = await run(contoso);
      expect(state).toBe('requested');
      expect(output).toMatchObject({ changed: true, before: { accountEnabled: true } });
      expect(isEnabled(contoso, DANA)).toBe(false);
      expect(await confirmResponse(disable, dana, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('disabled') },
      });
      expect(await undoResponse(disable, dana, output, context(contoso))).toMatchObject({
        value: { state: 'requested' },
      });
      expect(isEnabled(contoso, DANA)).toBe(true);
      expect(await confirmUndo(disable, dana, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed' },
      });
    }));

  it('sends nothing before the precheck has read that the user is enabled', () =>
    withContoso([], async (contoso) => {
      const first = await runResponse(disable, dana, context(contoso));
      expect(first).toMatchObject({ value: { state: 'prechecked', evidence: { before: 'enabled' } } });
      expect(contoso.writes()).toEqual([]);
    }));

  it('does not claim to know who disabled the user since the precheck', () =>
    withContoso([], async (contoso) => {
      const { output: ours } = await run(contoso);
      expect(ours).toMatchObject({ changed: true });
      const again = await runResponse(disable, dana, { ...context(contoso), prechecked: true });
      expect(again).toMatchObject({
        value: {
          state: 'requested',
          output: { changed: 'unknown' },
          evidence: { before: 'disabled, by us or by somebody else' },
        },
      });
      const output = again.ok ? again.value.output : undefined;
      expect(await undoResponse(disable, dana, output, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'undo-unclear' },
      });
    }));

  it('does nothing to a disabled user, and neither does its undo', () =>
    withContoso([], async (contoso) => {
      const { state, output } = await run(contoso, synced);
      expect(state).toBe('already-done');
      expect(output).toMatchObject({ changed: false, synced: true });
      expect(await undoResponse(disable, synced, output, context(contoso))).toMatchObject({
        value: { state: 'not-ours', reason: expect.stringContaining('was so before') },
      });
      expect(isEnabled(contoso, SYNCED)).toBe(false);
      expect(contoso.writes()).toEqual([]);
    }));

  it('is pending while somebody or a synchronisation has enabled the user again, and says which', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => {
        for (const user of state.users) user.accountEnabled = true;
      });
      const { output } = await run(contoso, synced);
      contoso.change((state) => {
        for (const user of state.users) user.accountEnabled = true;
      });
      expect(await confirmResponse(disable, synced, output, context(contoso))).toMatchObject({
        value: { state: 'pending', status: expect.stringContaining('on-premises') },
      });
    }));

  it('is neither done nor proved if the directory does not report the state', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      restrictToBasicProfile(contoso);
      expect(await runResponse(disable, dana, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'bad-answer', retry: 'no' },
      });
      expect(await confirmResponse(disable, dana, output, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'bad-answer' },
      });
    }));

  it('explains why an administrator cannot be disabled', () =>
    withContoso([], async (contoso) => {
      const admin = { objectId: ADMIN, upn: 'lee.andersen@contoso.com' };
      const result = await runBoth(contoso, admin);
      expect(result).toMatchObject({ ok: false, error: { code: 'unsupported-target', retry: 'no' } });
      expect(result.ok ? '' : result.error.message).toContain('administrator role User Administrator');
      expect(contoso.writes()).toEqual([]);
      expect(isEnabled(contoso, ADMIN)).toBe(true);
    }));

  it('reads back an effect after a lost response', () =>
    withContoso([failing(GRAPH, USERS, { kind: 'reset', after: 'effect' }, 'PATCH', 1)], async (contoso) => {
      expect(await run(contoso)).toMatchObject({ state: 'requested', output: { changed: true } });
      expect(contoso.writes().filter((write) => write.startsWith('PATCH'))).toHaveLength(1);
    }));

  it("is not attributed to someone else after a lost response, nor reverted without proof that it is the responder's", () =>
    withContoso(
      [
        failing(GRAPH, USERS, { kind: 'reset', after: 'effect' }, 'PATCH', 1),
        // After the reads of the user and of their groups in the precheck, and of the user in the act.
        { ...failing(GRAPH, USERS, { kind: 'status', status: 503 }), skip: 3 },
      ],
      async (contoso) => {
        expect(await runBoth(contoso)).toMatchObject({
          ok: false,
          error: { retry: 'check-before-retry' },
        });
        const again = await runResponse(disable, dana, { ...context(contoso), outcomeUnknown: true });
        expect(again).toMatchObject({
          ok: true,
          value: { state: 'requested', output: { changed: 'unknown' } },
        });
        if (!again.ok) return;
        const { output } = again.value;
        expect(await confirmResponse(disable, dana, output, context(contoso))).toMatchObject({
          value: { state: 'confirmed' },
        });
        expect(await undoResponse(disable, dana, output, context(contoso))).toMatchObject({
          ok: false,
          error: { code: 'undo-unclear', retry: 'no', next: expect.stringContaining('by hand') },
        });
        expect(isEnabled(contoso, DANA)).toBe(false);
        expect(contoso.writes().filter((write) => write.startsWith('PATCH'))).toHaveLength(1);
      },
    ));

  it.each([
    [{ kind: 'reset', after: 'nothing' }, 'check-before-retry'],
    [{ kind: 'status', status: 500 }, 'check-before-retry'],
    [{ kind: 'status', status: 429, retryAfterSeconds: 9 }, 'later'],
    [{ kind: 'status', status: 429 }, 'later'],
    [{ kind: 'status', status: 404 }, 'no'],
  ] as const)('does not repeat by itself after %j', (answer, retry) =>
    withContoso([failing(GRAPH, USERS, answer, 'PATCH', 1)], async (contoso) => {
      expect(await runBoth(contoso)).toMatchObject({
        ok: false,
        error: { retry },
      });
      expect(isEnabled(contoso, DANA)).toBe(true);
      expect(contoso.writes().filter((write) => write.startsWith('PATCH'))).toHaveLength(1);
    }),
  );

  it('times out with an unknown outcome', () =>
    withContoso([failing(GRAPH, USERS, { kind: 'hang' }, 'PATCH', 1)], async (contoso) => {
      expect(await runBoth(contoso, dana, disable, 400)).toMatchObject({
        ok: false,
        error: { code: 'timed-out', retry: 'check-before-retry' },
      });
    }));
});

describe.concurrent('enabling a user', () => {
  it('enables, and disables again when undone', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso, synced, enable);
      expect(isEnabled(contoso, SYNCED)).toBe(true);
      expect(await confirmResponse(enable, synced, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed' },
      });
      await undoResponse(enable, synced, output, context(contoso));
      expect(isEnabled(contoso, SYNCED)).toBe(false);
    }));

  it('does nothing to an enabled user, also when undone', () =>
    withContoso([], async (contoso) => {
      const { state, output } = await run(contoso, dana, enable);
      expect(state).toBe('already-done');
      await undoResponse(enable, dana, output, context(contoso));
      expect(isEnabled(contoso, DANA)).toBe(true);
      expect(contoso.writes()).toEqual([]);
    }));
});
