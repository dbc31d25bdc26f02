/** Tags, containment, investigations and packages of a device. */
import type { TenantState } from 'tenant-simulator';
import { describe, expect, it } from 'vitest';
import collect from '../../src/actions/defender/collect-investigation-package.js';
import contain from '../../src/actions/defender/contain-device.js';
import isolate from '../../src/actions/defender/isolate-device.js';
import investigate from '../../src/actions/defender/start-investigation.js';
import tag from '../../src/actions/defender/tag-device.js';
import untag from '../../src/actions/defender/untag-device.js';
import type { Response } from '../../src/actions/define.js';
import {
  confirmResponse,
  confirmUndo,
  resolveTarget,
  runResponse,
  undoResponse,
} from '../../src/actions/run.js';
import { type Contoso, DEFENDER, failing, MACHINE, withContoso } from './contoso.js';

const input = { machineId: MACHINE, device: 'ws-fin-0142.corp.contoso.com' };
type Machine = TenantState['machines'][number];

const change = (contoso: Contoso, changes: Partial<Machine>) =>
  contoso.change((state) => {
    for (const machine of state.machines) if (machine.id === MACHINE) Object.assign(machine, changes);
  });
const machine = (contoso: Contoso) => contoso.state().machines.find(({ id }) => id === MACHINE);
const context = (contoso: Contoso, { name }: Response, incident = MACHINE) => contoso.context(name, incident);

/** As the orchestration: the precheck, then the act. */
async function run(contoso: Contoso, action: Response, incident = MACHINE) {
  const first = await runResponse(action, input, context(contoso, action, incident));
  if (!first.ok || first.value.state !== 'prechecked') return first;
  return runResponse(action, input, { ...context(contoso, action, incident), prechecked: true });
}
async function outputOf(contoso: Contoso, action: Response, incident = MACHINE): Promise<unknown> {
  const result = await run(contoso, action, incident);
  if (!result.ok) throw new Error(result.error.message);
  return result.value.output;
}
const undo = (contoso: Contoso, action: Response, output: unknown, others: readonly unknown[] = []) =>
  undoResponse(action, input, output, context(contoso, action), others);
const confirm = (contoso: Contoso, action: Response, output: unknown) =>
  confirmResponse(action, input, output, context(contoso, action));
const TAG = 'Under investigation';

describe.concurrent('the tag of a device', () => {
  it('is added beside the others, and its undo restores exactly what was there', () =>
    withContoso([], async (contoso) => {
      change(contoso, { machineTags: ['finance', 'vip'] });
      const before = machine(contoso);
      const output = await outputOf(contoso, tag);
      expect(output).toMatchObject({ changed: true, before: ['finance', 'vip'] });
      expect(machine(contoso)?.machineTags).toEqual(['finance', 'vip', TAG]);
      // Someone adds one of theirs in the meantime.
      change(contoso, { machineTags: ['finance', 'vip', TAG, 'theirs'] });
      expect(await undo(contoso, tag, output)).toMatchObject({ value: { state: 'requested' } });
      expect(await confirmUndo(tag, input, output, context(contoso, tag))).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('finance, vip, theirs') },
      });
      change(contoso, { machineTags: ['finance', 'vip'] });
      expect(machine(contoso)).toEqual(before);
    }));

  it('is not removed where it was there before, in any letter case', () =>
    withContoso([], async (contoso) => {
      change(contoso, { machineTags: ['under INVESTIGATION'] });
      const output = await outputOf(contoso, tag);
      expect(output).toMatchObject({ changed: false });
      expect(await undo(contoso, tag, output)).toMatchObject({ value: { state: 'not-ours' } });
      expect(contoso.writes()).toEqual([]);
    }));

  it('is removed for an earlier incident that no longer relies on it', () =>
    withContoso([], async (contoso) => {
      const first = await outputOf(contoso, tag, 'another incident');
      const output = await outputOf(contoso, tag);
      expect(output).toMatchObject({ changed: false });
      expect(await undo(contoso, tag, output, [first])).toMatchObject({ value: { state: 'requested' } });
      expect(machine(contoso)?.machineTags).toEqual(['finance']);
    }));

  it('is left to an analyst where it is unknown who added it', () =>
    withContoso([], async (contoso) => {
      expect(await runResponse(tag, input, context(contoso, tag))).toMatchObject({
        value: { state: 'prechecked' },
      });
      change(contoso, { machineTags: [TAG] });
      const again = await runResponse(tag, input, { ...context(contoso, tag), prechecked: true });
      expect(again).toMatchObject({ value: { state: 'requested', output: { changed: 'unknown' } } });
      const output = again.ok ? again.value.output : undefined;
      expect(await undo(contoso, tag, output)).toMatchObject({ ok: false, error: { code: 'undo-unclear' } });
      expect(contoso.writes()).toEqual([]);
    }));

  it('is removed, and added again by the undo', () =>
    withContoso([], async (contoso) => {
      change(contoso, { machineTags: [TAG, 'finance'] });
      const output = await outputOf(contoso, untag);
      expect(await confirm(contoso, untag, output)).toMatchObject({ value: { state: 'confirmed' } });
      expect(machine(contoso)?.machineTags).toEqual(['finance']);
      expect(await undo(contoso, untag, output)).toMatchObject({ value: { state: 'requested' } });
      expect(machine(contoso)?.machineTags).toEqual(['finance', TAG]);
    }));
});

describe.concurrent('a containment', () => {
  const target = (contoso: Contoso, action: Response) =>
    resolveTarget(action, { mdeId: MACHINE }, context(contoso, action));

  it('is for devices that are not onboarded, as an isolation is for the others', () =>
    withContoso([], async (contoso) => {
      expect(await target(contoso, contain)).toMatchObject({
        value: {
          ok: false,
          code: 'unsupported-target',
          reason: expect.stringContaining('isolate it instead'),
        },
      });
      change(contoso, { onboardingStatus: 'CanBeOnboarded' });
      expect(await target(contoso, contain)).toMatchObject({ value: { ok: true } });
      expect(await target(contoso, isolate)).toMatchObject({ value: { ok: false } });
      const output = await outputOf(contoso, contain);
      contoso.clock.advance(100);
      expect(await confirm(contoso, contain, output)).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining('(containment)') },
      });
      expect(machine(contoso)).toMatchObject({ isolated: true, isolationType: 'UnManagedDevice' });
      expect(await undo(contoso, contain, output)).toMatchObject({
        ok: false,
        error: { code: 'irreversible', message: expect.stringContaining('Defender portal') },
      });
    }));
});

describe.concurrent('an investigation', () => {
  it('joins one that is under way, and is started where the last one has ended', () =>
    withContoso([], async (contoso) => {
      const first = await outputOf(contoso, investigate, 'another incident');
      expect(await run(contoso, investigate)).toMatchObject({
        value: { state: 'already-in-progress', output: first },
      });
      contoso.change((state) => {
        for (const one of state.investigations)
          Object.assign(one, { state: 'Benign', startTime: '2026-03-09T08:00:00Z' });
      });
      expect(await run(contoso, investigate)).toMatchObject({ value: { state: 'requested' } });
      expect(contoso.state().investigations).toHaveLength(2);
    }));

  it('is started once where the answer was lost, and the process ended', () =>
    withContoso(
      [failing(DEFENDER, /startInvestigation$/, { kind: 'reset', after: 'effect' }, 'POST', 1)],
      async (contoso) => {
        const acted = { ...context(contoso, investigate), prechecked: true };
        expect(await runResponse(investigate, input, acted)).toMatchObject({ value: { state: 'requested' } });
        expect(await runResponse(investigate, input, acted)).toMatchObject({ value: { state: 'requested' } });
        expect(contoso.state().investigations).toHaveLength(1);
      },
    ));

  it('has not begun on a device that is offline', () =>
    withContoso([], async (contoso) => {
      change(contoso, { connected: false });
      const output = await outputOf(contoso, investigate);
      expect(await confirm(contoso, investigate, output)).toMatchObject({
        value: { state: 'pending', status: expect.stringContaining('has not begun') },
      });
      change(contoso, { connected: true });
      expect(await confirm(contoso, investigate, output)).toMatchObject({ value: { state: 'confirmed' } });
    }));
});

it('a package of a device that is offline has not begun, and is collected when it comes back', () =>
  withContoso([], async (contoso) => {
    change(contoso, { connected: false });
    const output = await outputOf(contoso, collect);
    contoso.clock.advance(3600);
    expect(await confirm(contoso, collect, output)).toMatchObject({
      value: { state: 'pending', status: expect.stringMatching(/has not begun: .*may be offline/) },
    });
    change(contoso, { connected: true });
    await confirm(contoso, collect, output);
    contoso.clock.advance(100);
    expect(await confirm(contoso, collect, output)).toMatchObject({ value: { state: 'confirmed' } });
  }));
