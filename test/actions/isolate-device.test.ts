import fc from 'fast-check';
import type { Fault } from 'tenant-simulator';
import { describe, expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import release from '../../src/actions/defender/release-device.js';
import { confirmResponse, confirmUndo, runResponse, undoResponse } from '../../src/actions/run.js';
import { type Contoso, DEFENDER, failing, MACHINE, withContoso } from './contoso.js';

const input = { machineId: MACHINE, device: 'ws-fin-0142.corp.contoso.com' };
const ISOLATE = /\/isolate$/;
const ISOLATED = `POST /api/machines/${MACHINE}/isolate`;
const RELEASED = `POST /api/machines/${MACHINE}/unisolate`;
const context = (contoso: Contoso, target = MACHINE) => contoso.context(isolate.name, target);

async function run(contoso: Contoso, action = isolate, target = MACHINE) {
  const result = await runResponse(action, input, context(contoso, target));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe.concurrent('isolating a device', () => {
  it('is proved only when the machine action has succeeded', () =>
    withContoso([], async (contoso) => {
      const { state, output } = await run(contoso);
      expect(state).toBe('requested');
      expect(output).toMatchObject({ initiatedByUs: true, before: 'not-isolated' });
      const confirm = () => confirmResponse(isolate, input, output, context(contoso));
      expect(await confirm()).toMatchObject({ ok: true, value: { state: 'pending' } });
      contoso.clock.advance(30);
      expect(await confirm()).toMatchObject({
        value: { state: 'pending', status: expect.stringContaining('InProgress') },
      });
      contoso.clock.advance(60);
      expect(await confirm()).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('Succeeded') },
      });
      expect(contoso.writes()).toEqual([ISOLATED]);
    }));

  it('sends nothing if it is in progress, and nothing if it is done', () =>
    withContoso([], async (contoso) => {
      const first = await run(contoso);
      const second = await run(contoso);
      expect(second).toMatchObject({ state: 'requested', output: { initiatedByUs: true } });
      contoso.clock.advance(100);
      const third = await run(contoso);
      expect(third).toMatchObject({
        state: 'requested',
        output: { initiatedByUs: true, before: 'isolated' },
      });
      expect(third.evidence.machineActionId).toBe(first.evidence.machineActionId);
      expect(contoso.writes()).toEqual([ISOLATED]);
    }));

  it('adopts an isolation that someone started between reading and acting', () =>
    withContoso([], async (contoso) => {
      const by = await run(contoso, isolate, 'somebody else');
      // The list does not show it yet.
      contoso.change((state) => {
        for (const action of state.machineActions) action.machineId = 'f'.repeat(40);
      });
      contoso.simulator.addFault(failing(DEFENDER, ISOLATE, { kind: 'status', status: 409 }, 'POST', 1));
      const pending = runResponse(isolate, input, context(contoso));
      expect(await pending).toMatchObject({
        ok: false,
        error: { code: 'conflict', retry: 'check-before-retry' },
      });
      contoso.change((state) => {
        for (const action of state.machineActions) action.machineId = MACHINE;
      });
      const result = await run(contoso);
      expect(result).toMatchObject({ state: 'already-in-progress', output: { initiatedByUs: false } });
      expect(result.evidence.machineActionId).toBe(by.evidence.machineActionId);
    }));

  it('is requested once, with any number of parallel calls', () =>
    withContoso([], async (contoso) => {
      const results = await Promise.all(['a', 'b', 'c', 'd'].map((who) => run(contoso, isolate, who)));
      expect(results.filter(({ state }) => state === 'requested')).toHaveLength(1);
      expect(results.filter(({ state }) => state === 'already-in-progress')).toHaveLength(3);
      expect(
        results.filter(({ output }) => (output as { initiatedByUs: boolean }).initiatedByUs),
      ).toHaveLength(1);
      expect(contoso.state().machineActions).toHaveLength(1);
    }));

  it('is requested once, with any faults and any number of repetitions', async () => {
    const fault = fc.constantFrom<Fault['answer']>(
      { kind: 'reset', after: 'effect' },
      { kind: 'reset', after: 'nothing' },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 429 },
      { kind: 'garbage' },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 5 }), fc.boolean(), (faults, patient) =>
        withContoso(
          faults.map((answer) => failing(DEFENDER, ISOLATE, answer, 'POST', 1)),
          async (contoso) => {
            let result = await runResponse(isolate, input, context(contoso));
            for (let i = 0; i < faults.length && !result.ok; i += 1) {
              if (patient) contoso.clock.advance(100);
              result = await runResponse(isolate, input, context(contoso));
            }
            expect(result).toMatchObject({ ok: true, value: { output: { initiatedByUs: true } } });
            expect(contoso.state().machineActions).toHaveLength(1);
          },
        ),
      ),
      { numRuns: 40 },
    );
  });

  it('is neither requested nor proved by an incomplete list of machine actions', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.clock.advance(100);
      const part = () =>
        contoso.simulator.addFault(failing(DEFENDER, /machineactions$/, { kind: 'part' }, 'GET', 1));
      part();
      expect(await runResponse(isolate, input, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'incomplete-answer' },
      });
      part();
      expect(await confirmResponse(isolate, input, output, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'incomplete-answer' },
      });
      expect(contoso.writes()).toEqual([ISOLATED]);
    }));

  it('does not repeat a request whose response was lost after it took effect', () =>
    withContoso(
      [failing(DEFENDER, ISOLATE, { kind: 'reset', after: 'effect' }, 'POST', 1)],
      async (contoso) => {
        expect(await run(contoso)).toMatchObject({ state: 'requested', output: { initiatedByUs: true } });
        expect(contoso.state().machineActions).toHaveLength(1);
        expect(contoso.writes()).toEqual([ISOLATED]);
      },
    ));

  it('requires a check before the retry if the request was lost before it took effect', () =>
    withContoso(
      [failing(DEFENDER, ISOLATE, { kind: 'reset', after: 'nothing' }, 'POST', 1)],
      async (contoso) => {
        expect(await runResponse(isolate, input, context(contoso))).toMatchObject({
          ok: false,
          error: { retry: 'check-before-retry' },
        });
        expect(await run(contoso)).toMatchObject({ state: 'requested' });
        expect(contoso.state().machineActions).toHaveLength(1);
      },
    ));

  it.each([500, 503])('reads the state after a %i, and does not repeat the request', (status) =>
    withContoso([failing(DEFENDER, ISOLATE, { kind: 'status', status }, 'POST', 1)], async (contoso) => {
      expect(await runResponse(isolate, input, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'service-unavailable', retry: 'check-before-retry' },
      });
      expect(contoso.writes()).toHaveLength(1);
    }),
  );

  it.each([
    [7, 7000],
    [undefined, undefined],
  ])('waits as long as a 429 says (%s s)', (retryAfterSeconds, retryAfterMs) => {
    const answer = {
      kind: 'status',
      status: 429,
      ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
    } as const;
    return withContoso([failing(DEFENDER, ISOLATE, answer, 'POST', 1)], async (contoso) => {
      const result = await runResponse(isolate, input, context(contoso));
      expect(result).toMatchObject({ ok: false, error: { code: 'throttled', retry: 'later' } });
      expect(!result.ok && result.error.retryAfterMs).toBe(retryAfterMs);
      expect(contoso.writes()).toHaveLength(1);
    });
  });

  it('times out with an unknown outcome', () =>
    withContoso([failing(DEFENDER, ISOLATE, { kind: 'hang' }, 'POST', 1)], async (contoso) => {
      const result = await runResponse(isolate, input, { ...context(contoso), deadlineMs: 400 });
      expect(result).toMatchObject({ ok: false, error: { code: 'timed-out', retry: 'check-before-retry' } });
    }));

  it('names Machine.Isolate after a 403', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => {
        state.app.permissions.defender = ['Machine.Read.All'];
      });
      const result = await runResponse(isolate, input, context(contoso));
      expect(result).toMatchObject({ ok: false, error: { code: 'forbidden', retry: 'no' } });
      expect(!result.ok && result.error.message).toContain('Machine.Isolate');
    }));

  it('fails for a machine that Defender does not know', () =>
    withContoso([], async (contoso) => {
      const unknown = { ...input, machineId: 'ab'.repeat(20) };
      expect(await runResponse(isolate, unknown, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'not-found', retry: 'no' },
      });
    }));

  it('is not confirmed if a release followed, done or in progress', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.clock.advance(100);
      await run(contoso, release, 'release');
      const confirm = () => confirmResponse(isolate, input, output, context(contoso));
      expect(await confirm()).toMatchObject({
        value: { state: 'failed', reason: expect.stringContaining('release') },
      });
      contoso.clock.advance(100);
      expect(await confirm()).toMatchObject({ value: { state: 'failed' } });
    }));

  it('is confirmed if all releases are older', () =>
    withContoso([], async (contoso) => {
      await run(contoso, isolate, 'earlier');
      contoso.clock.advance(100);
      await run(contoso, release, 'earlier');
      contoso.clock.advance(100);
      const { state, output } = await run(contoso);
      expect(state).toBe('requested');
      contoso.clock.advance(100);
      expect(await confirmResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed' },
      });
    }));

  it.each(['Failed', 'TimeOut', 'Cancelled'] as const)(
    'has failed where the machine action is %s',
    (status) =>
      withContoso([], async (contoso) => {
        const { output } = await run(contoso);
        contoso.change((state) => {
          for (const action of state.machineActions) action.status = status;
        });
        expect(await confirmResponse(isolate, input, output, context(contoso))).toMatchObject({
          value: { state: 'failed', reason: expect.stringContaining(status) },
        });
      }),
  );

  it('waits while a release is in progress', () =>
    withContoso([], async (contoso) => {
      await run(contoso);
      contoso.clock.advance(100);
      await run(contoso, release);
      expect(await runResponse(isolate, input, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'opposite-action-in-progress', retry: 'later' },
      });
    }));

  it('stays pending for a device that is offline', () =>
    withContoso([], async (contoso) => {
      contoso.change((state) => {
        for (const machine of state.machines) machine.connected = false;
      });
      const { output } = await run(contoso);
      contoso.clock.advance(86_400);
      expect(await confirmResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'pending' },
      });
    }));
});

describe.concurrent('undoing an isolation', () => {
  it('releases the device, and proves it', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.clock.advance(100);
      expect(await undoResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'requested' },
      });
      const confirm = () => confirmUndo(isolate, input, output, context(contoso));
      expect(await confirm()).toMatchObject({ value: { state: 'pending' } });
      contoso.clock.advance(100);
      expect(await confirm()).toMatchObject({ value: { state: 'confirmed' } });
      // Repeated after a crash it is still known as this undo's own release.
      expect(await undoResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'requested' },
      });
      expect(contoso.writes()).toEqual([ISOLATED, RELEASED]);
    }));

  it.each([
    ['', []],
    [', also where the answer is lost', [failing(DEFENDER, /cancel$/, { kind: 'half' } as const, 'POST', 1)]],
  ])('cancels an isolation that an offline device has not fetched%s', (_when, faults) =>
    withContoso(faults, async (contoso) => {
      const connected = (value: boolean) =>
        contoso.change((state) => {
          for (const machine of state.machines) machine.connected = value;
        });
      connected(false);
      const { output } = await run(contoso);
      contoso.clock.advance(86_400);
      expect(await undoResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'requested' },
      });
      connected(true);
      contoso.clock.advance(86_400);
      expect(await confirmUndo(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('Cancelled') },
      });
      expect(contoso.state().machines.some(({ isolated }) => isolated)).toBe(false);
    }),
  );

  it('releases the device if it fetches the isolation just before the cancellation', () =>
    withContoso(
      [failing(DEFENDER, /cancel$/, { kind: 'status', status: 400 }, 'POST', 1)],
      async (contoso) => {
        const { output } = await run(contoso);
        const undo = () => undoResponse(isolate, input, output, context(contoso));
        expect(await undo()).toMatchObject({ ok: false, error: { retry: 'later' } });
        contoso.clock.advance(100);
        expect(await undo()).toMatchObject({ value: { state: 'requested' } });
        contoso.clock.advance(100);
        expect(await confirmUndo(isolate, input, output, context(contoso))).toMatchObject({
          value: { state: 'confirmed', proof: expect.stringContaining('Release') },
        });
      },
    ));

  it('does not release a device that someone else had isolated', () =>
    withContoso([], async (contoso) => {
      await run(contoso, isolate, 'somebody else');
      contoso.clock.advance(100);
      const { output } = await run(contoso);
      expect(output).toMatchObject({ initiatedByUs: false, before: 'isolated' });
      expect(await undoResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: {
          state: 'not-ours',
          reason: expect.stringContaining('cannot be attributed to the responder'),
        },
      });
      expect(contoso.writes()).toEqual([ISOLATED]);
    }));

  it('does not release a device that was isolated again', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso);
      contoso.clock.advance(100);
      await run(contoso, release, 'an analyst');
      contoso.clock.advance(100);
      await run(contoso, isolate, 'an analyst');
      contoso.clock.advance(100);
      expect(await undoResponse(isolate, input, output, context(contoso))).toMatchObject({
        value: { state: 'not-ours', reason: expect.stringContaining('left isolated') },
      });
      expect(contoso.writes()).toHaveLength(3);
    }));

  it('cannot undo a release', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso, release);
      expect(output).toMatchObject({ before: 'not-isolated', initiatedByUs: false });
      expect(await undoResponse(release, input, output, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'irreversible' },
      });
    }));
});
