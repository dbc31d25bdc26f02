/** Isolation in its kinds, and restricted execution: what counts as which, and what is said of a device that is offline. */

import type { TenantState } from 'tenant-simulator';
import { describe, expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import selectively from '../../src/actions/defender/isolate-device-selectively.js';
import restrict from '../../src/actions/defender/restrict-code-execution.js';
import scan from '../../src/actions/defender/run-antivirus-scan.js';
import {
  confirmResponse,
  confirmUndo,
  resolveTarget,
  runResponse,
  undoResponse,
} from '../../src/actions/run.js';
import { type Contoso, MACHINE, withContoso } from './contoso.js';

const input = { machineId: MACHINE, device: 'ws-fin-0142.corp.contoso.com' };
type Machine = TenantState['machines'][number];
type Action = typeof isolate;

const changeMachine = (contoso: Contoso, change: Partial<Machine>) =>
  contoso.change((state) => {
    for (const machine of state.machines) if (machine.id === MACHINE) Object.assign(machine, change);
  });
const machine = (contoso: Contoso) => contoso.state().machines.find(({ id }) => id === MACHINE);
const context = (contoso: Contoso, action: Action) => contoso.context(action.name, MACHINE);
const run = (contoso: Contoso, action: Action) => runResponse(action, input, context(contoso, action));
async function done(contoso: Contoso, action: Action) {
  const result = await run(contoso, action);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
const confirm = (contoso: Contoso, action: Action, output: unknown) =>
  confirmResponse(action, input, output, context(contoso, action));
const undo = (contoso: Contoso, action: Action, output: unknown) =>
  undoResponse(action, input, output, context(contoso, action));

describe.concurrent('a selective isolation', () => {
  it('is requested and proved as one, and is no full isolation', () =>
    withContoso([], async (contoso) => {
      const { output } = await done(contoso, selectively);
      contoso.clock.advance(100);
      expect(await confirm(contoso, selectively, output)).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('(selective isolation)') },
      });
      expect(machine(contoso)).toMatchObject({ isolated: true, isolationType: 'Selective' });
      expect(await run(contoso, isolate)).toMatchObject({ ok: false, error: { code: 'lesser-isolation' } });
      expect(contoso.writes()).toHaveLength(1);
    }));

  it('is already done where the device is isolated fully, and its undo leaves that', () =>
    withContoso([], async (contoso) => {
      await done(contoso, isolate);
      contoso.clock.advance(100);
      const { state, output } = await done(contoso, selectively);
      expect(state).toBe('already-done');
      expect(await confirm(contoso, selectively, output)).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('(full isolation)') },
      });
      expect(await undo(contoso, selectively, output)).toMatchObject({ value: { state: 'not-ours' } });
      expect(machine(contoso)).toMatchObject({ isolated: true, isolationType: 'Full' });
    }));
});

describe.concurrent('a restriction of what a device executes', () => {
  it('leaves an isolation alone, and so does its undo', () =>
    withContoso([], async (contoso) => {
      await done(contoso, isolate);
      const { output } = await done(contoso, restrict);
      contoso.clock.advance(100);
      expect(await confirm(contoso, restrict, output)).toMatchObject({ value: { state: 'confirmed' } });
      expect(machine(contoso)).toMatchObject({ isolated: true, restricted: true });
      expect(await undo(contoso, restrict, output)).toMatchObject({ value: { state: 'requested' } });
      contoso.clock.advance(100);
      contoso.state();
      expect(await confirmUndo(restrict, input, output, context(contoso, restrict))).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('Removal of the restriction') },
      });
      expect(machine(contoso)).toMatchObject({ isolated: true, restricted: false });
    }));
});

describe.concurrent.each([
  ['isolated', isolate],
  ['restricted', restrict],
] as const)('a device that is offline when it is to be %s', (word, action) => {
  it.each([
    ['is not connected', { connected: false }, { connected: true }],
    ['is inactive', { healthStatus: 'Inactive' }, { healthStatus: 'Active' }],
  ] as const)('is reported as not %s while it %s, and as done when it comes back', (_what, away, back) =>
    withContoso([], async (contoso) => {
      changeMachine(contoso, { ...away, lastSeen: '2026-03-10T06:00:00Z' });
      const { output } = await done(contoso, action);
      contoso.clock.advance(10 * 3600);
      const pending = await confirm(contoso, action, output);
      expect(pending).toMatchObject({
        value: { state: 'pending', status: expect.stringContaining(`is not ${word} yet`) },
      });
      expect(pending).toMatchObject({
        value: { status: expect.stringMatching(/may be offline.*2026-03-10T06:00:00Z.*three days/) },
      });
      changeMachine(contoso, back);
      contoso.state();
      contoso.clock.advance(100);
      expect(await confirm(contoso, action, output)).toMatchObject({ value: { state: 'confirmed' } });
    }),
  );

  it('is reported as not so where it does not come back in three days, and nothing is left to undo', () =>
    withContoso([], async (contoso) => {
      changeMachine(contoso, { connected: false });
      const { output } = await done(contoso, action);
      contoso.clock.advance(3 * 86_400);
      expect(await confirm(contoso, action, output)).toMatchObject({
        value: {
          state: 'failed',
          reason: expect.stringContaining(`TimeOut. ${input.device} is not ${word}.`),
        },
      });
      expect(await undo(contoso, action, output)).toMatchObject({ value: { state: 'already-done' } });
      expect(contoso.writes()).toHaveLength(1);
    }));

  it('never fetches an action that was undone, and one that it is carrying out is not cancelled', () =>
    withContoso([], async (contoso) => {
      changeMachine(contoso, { connected: false });
      const { output } = await done(contoso, action);
      changeMachine(contoso, { connected: true });
      contoso.clock.advance(30);
      contoso.state();
      // Without the limit the device would stay as it is, and be said not to.
      expect(await undo(contoso, action, output)).toMatchObject({ value: { state: 'requested' } });
      const late = await done(contoso, action);
      contoso.state();
      contoso.clock.advance(30);
      expect(await undo(contoso, action, late.output)).toMatchObject({
        ok: false,
        error: { code: 'opposite-action-in-progress', retry: 'later' },
      });
      contoso.clock.advance(100);
      expect(await undo(contoso, action, late.output)).toMatchObject({ value: { state: 'requested' } });
      expect(contoso.writes().filter((write) => write.endsWith('/cancel'))).toHaveLength(1);
    }));
});

const SYSTEMS = [
  'Windows11',
  'WindowsServer2022',
  'WindowsServer2016',
  'macOS',
  'Ubuntu',
  'Android',
  'Windows7',
];
describe.concurrent('what Defender would refuse is refused before anyone is asked', () => {
  it.each([
    [isolate, ['Android', 'Windows7']],
    [selectively, ['Ubuntu', 'Android', 'Windows7']],
    [restrict, ['WindowsServer2016', 'macOS', 'Ubuntu', 'Android', 'Windows7']],
    [scan, []],
  ] as const)('$name', (action, refused) =>
    withContoso([], async (contoso) => {
      for (const osPlatform of [...SYSTEMS, 'SomethingNew', null]) {
        changeMachine(contoso, { osPlatform });
        const target = await resolveTarget(action, { mdeId: MACHINE }, contoso.context(action.name, MACHINE));
        const isRefused = refused.some((one: string) => one === osPlatform);
        expect([osPlatform, target]).toMatchObject([
          osPlatform,
          {
            ok: true,
            value: isRefused
              ? {
                  ok: false,
                  code: 'unsupported-target',
                  reason: expect.stringMatching(`has ${osPlatform}\\. \\w+`),
                }
              : { ok: true },
          },
        ]);
      }
      expect(contoso.writes()).toEqual([]);
    }),
  );
});
