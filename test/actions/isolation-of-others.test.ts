/** Machine actions of others neither count as the approved effect nor are reverted. */
import fc from 'fast-check';
import type { TenantState } from 'tenant-simulator';
import { describe, expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import { confirmResponse, confirmUndo, runResponse, undoResponse } from '../../src/actions/run.js';
import { type Contoso, DEFENDER, failing, MACHINE, START, withContoso } from './contoso.js';

const input = { machineId: MACHINE, device: 'ws-fin-0142.corp.contoso.com' };
const context = (contoso: Contoso, decidedAt = START) =>
  contoso.context(isolate.name, MACHINE, { decidedAt });
type Action = TenantState['machineActions'][number];

/** An analyst requests it in the portal. */
function byAnalyst(contoso: Contoso, type: 'Isolate' | 'Unisolate', scope: string | null = null): void {
  contoso.change((state) => {
    const at = new Date(contoso.clock.now()).toISOString();
    const id = `analyst-${state.machineActions.length}`;
    const asked = { requestor: 'lee@contoso.com', requestorComment: 'by hand', creationDateTimeUtc: at };
    const action = { id, type, scope, machineId: MACHINE, status: 'Pending' as const, ...asked };
    state.machineActions.push(action as Action);
  });
}
const machine = (contoso: Contoso) => contoso.state().machines.find(({ id }) => id === MACHINE);
/** An isolation by the analyst is in progress, or was the last that took effect. */
function isolatedByAnalyst(contoso: Contoso): boolean {
  const actions = contoso.state().machineActions.map((action) => ({
    ...action,
    theirs: action.type === 'Isolate' && action.id.startsWith('analyst'),
    at: String(action.lastUpdateDateTimeUtc),
  }));
  const last = actions
    .filter(({ status }) => status === 'Succeeded')
    .reduce<(typeof actions)[number] | undefined>((a, b) => (a && a.at > b.at ? a : b), undefined);
  return last?.theirs || actions.some(({ theirs, status }) => theirs && status !== 'Succeeded');
}
/** The list of machine actions lags behind. */
function setHidden(contoso: Contoso, actionId: string | undefined, isHidden: boolean): void {
  contoso.change((state) => {
    for (const action of state.machineActions)
      if (action.id === actionId) action.machineId = isHidden ? 'f'.repeat(40) : MACHINE;
  });
}
const releases = (contoso: Contoso) => contoso.writes().filter((write) => write.endsWith('/unisolate'));

async function run(contoso: Contoso, decidedAt?: number) {
  const result = await runResponse(isolate, input, context(contoso, decidedAt));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe.concurrent('a full isolation that was approved', () => {
  it.each([
    ['selective', 'Selective', 'no', 100],
    ['selective and in progress', 'Selective', 'later', 0],
    ['of an unknown kind', null, 'no', 100],
    ['of a device that is not managed', 'UnManagedDevice', 'no', 100],
  ] as const)('is not said to be done where the isolation is %s', (_what, scope, retry, after) =>
    withContoso([], async (contoso) => {
      byAnalyst(contoso, 'Isolate', scope);
      contoso.clock.advance(after);
      contoso.state();
      contoso.clock.advance(after);
      expect(await runResponse(isolate, input, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'lesser-isolation', retry, message: expect.stringContaining('lee@contoso.com') },
      });
      expect(contoso.writes()).toEqual([]);
    }),
  );

  it('is already done, with the requestor, if someone else isolated the device fully', () =>
    withContoso([], async (contoso) => {
      byAnalyst(contoso, 'Isolate', 'Full');
      contoso.state();
      contoso.clock.advance(100);
      const { state, output, evidence } = await run(contoso);
      expect([state, output]).toMatchObject(['already-done', { initiatedByUs: false }]);
      expect(evidence).toMatchObject({ requestor: 'lee@contoso.com', comment: 'by hand', scope: 'Full' });
      expect(await confirmResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('requested by lee@contoso.com') },
      });
    }));

  it('is confirmed, and not already done, if a call of this decision is repeated', () =>
    withContoso([], async (contoso) => {
      await run(contoso);
      expect(await run(contoso)).toMatchObject({ state: 'requested', output: { initiatedByUs: true } });
      contoso.clock.advance(100);
      expect(await run(contoso)).toMatchObject({ state: 'requested', output: { initiatedByUs: true } });
      // A later run of the same incident finds what the earlier one did.
      contoso.clock.advance(86_400);
      const later = await run(contoso, contoso.clock.now());
      expect(later).toMatchObject({ state: 'already-done', output: { initiatedByUs: true } });
    }));

  it('reports the isolation by someone else that took effect when its own did not', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.change((state) => {
        for (const action of state.machineActions) action.status = 'Failed';
      });
      byAnalyst(contoso, 'Isolate', 'Full');
      contoso.state();
      contoso.clock.advance(100);
      expect(await confirmResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: {
          state: 'failed',
          reason: expect.stringMatching(/ended as Failed.*analyst-1.*requested by lee@contoso.com/s),
        },
      });
      expect(await undoResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'not-ours' },
      });
      expect(releases(contoso)).toEqual([]);
    }));

  it.each(['Selective', 'Full', null] as const)(
    'is neither asked for twice nor claimed where somebody else asks for %s between the look and the act',
    (scope) =>
      withContoso([], async (contoso) => {
        // Defender knows of it, and its list does not show it yet.
        byAnalyst(contoso, 'Isolate', scope);
        const late = contoso.state().machineActions.at(-1)?.id;
        setHidden(contoso, late, true);
        contoso.simulator.addFault(failing(DEFENDER, /isolate$/, { kind: 'status', status: 409 }, 'POST', 1));
        const first = await runResponse(isolate, input, context(contoso));
        expect(first).toMatchObject({ ok: false, error: { retry: 'check-before-retry' } });
        setHidden(contoso, late, false);
        const second = await runResponse(isolate, input, { ...context(contoso), outcomeUnknown: true });
        expect(second).toMatchObject(
          scope === 'Full'
            ? { ok: true, value: { state: 'already-in-progress', output: { initiatedByUs: false } } }
            : { ok: false, error: { code: 'lesser-isolation' } },
        );
        expect(contoso.state().machineActions).toHaveLength(1);
      }),
  );

  it('is not proved by a machine action that Defender now reports as selective', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.clock.advance(100);
      contoso.change((state) => {
        for (const action of state.machineActions) action.scope = 'Selective';
      });
      expect(await confirmResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'failed', reason: expect.stringContaining('not isolated fully') },
      });
    }));
});

describe.concurrent('an undo', () => {
  it('does not release a device that someone else released and isolated again', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.clock.advance(100);
      for (const [type, scope] of [
        ['Unisolate', null],
        ['Isolate', 'Selective'],
      ] as const) {
        byAnalyst(contoso, type, scope);
        contoso.state();
        contoso.clock.advance(100);
      }
      expect(await undoResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'not-ours', reason: expect.stringContaining('lee@contoso.com') },
      });
      expect([machine(contoso)?.isolated, releases(contoso)]).toEqual([true, []]);
    }));

  it('reports who released the device, if someone else did', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.clock.advance(100);
      byAnalyst(contoso, 'Unisolate');
      contoso.state();
      contoso.clock.advance(100);
      expect(await undoResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'already-done', evidence: { requestor: 'lee@contoso.com' } },
      });
      expect(await confirmUndo(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('requested by lee@contoso.com') },
      });
    }));

  it('releases a device that another incident isolated and no longer relies on', () =>
    withContoso([], async (contoso) => {
      const first = await runResponse(isolate, input, contoso.context(isolate.name, 'another incident'));
      contoso.clock.advance(100);
      const { output } = await run(contoso);
      expect(output).toMatchObject({ initiatedByUs: false });
      const others = [first.ok ? first.value.output : undefined];
      expect(await undoResponse(isolate, input, output, context(contoso), others)).toMatchObject({
        value: { state: 'requested' },
      });
      contoso.clock.advance(100);
      expect(await confirmUndo(isolate, input, output, context(contoso), others)).toMatchObject({
        value: { state: 'confirmed' },
      });
      expect(machine(contoso)?.isolated).toBe(false);
    }));
});

const step = fc.oneof(
  fc.constantFrom('Full', 'Selective', 'release').map((what) => ({ by: 'analyst', what })),
  fc.constantFrom('run', 'undo').map((what) => ({ by: 'us', what })),
  fc.constantFrom('30', '100').map((what) => ({ by: 'time', what })),
);

it('never accepts a lesser isolation, and never ends one of others, in any order', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), (steps) =>
      withContoso([], async (contoso) => {
        let output: unknown;
        for (const { by, what } of steps) {
          contoso.state();
          if (by === 'time') contoso.clock.advance(Number(what));
          else if (what === 'release') byAnalyst(contoso, 'Unisolate');
          else if (by === 'analyst') byAnalyst(contoso, 'Isolate', what);
          else if (what === 'run') {
            const result = await runResponse(isolate, input, context(contoso));
            if (!result.ok) continue;
            output = result.value.output;
            const proof = await confirmResponse(isolate, input, output, context(contoso));
            if (proof.ok && proof.value.state === 'confirmed') {
              expect(machine(contoso)).toMatchObject({ isolated: true, isolationType: 'Full' });
            }
          } else if (output !== undefined) {
            const theirs = isolatedByAnalyst(contoso);
            const before = contoso.writes().length;
            await undoResponse(isolate, input, output, context(contoso));
            if (theirs) expect(contoso.writes()).toHaveLength(before);
          }
        }
      }),
    ),
    { numRuns: 60 },
  ));
