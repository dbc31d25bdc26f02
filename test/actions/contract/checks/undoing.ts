/** The undo restores what was there, and reverts nothing that others did. */
import { expect } from 'vitest';
import type { Response } from '../../../../src/actions/define.js';
import { confirmUndo, undoResponse } from '../../../../src/actions/run.js';
import type { Contoso } from '../../contoso.js';
import { act, actNow, inTenant, readBack, SETTLED_SECONDS } from '../act.js';
import type { ResponseCheck } from './check.js';

/** What services keep of what was done permanently: an undo does not remove it. */
const RECORDS = ['machineActions', 'directoryAudits', 'investigations', 'emailPostDeliveryEvents'] as const;
const CONFIRMED = { ok: true, value: { state: 'confirmed' } };

/** Versions and times of writing: an undo is one more write. */
const VERSIONS = ['etag', 'lastModifiedTimeUtc', 'lastUpdateDateTime'];

/** Everything in the tenant that an undo restores, as text. */
function stateOf(contoso: Contoso): string {
  const state: Record<string, unknown> = { ...contoso.state() };
  for (const name of RECORDS) delete state[name];
  const keep = (key: string, value: unknown) => (VERSIONS.includes(key) ? undefined : value);
  return JSON.stringify(state, keep, 1);
}

const irreversibleBecause = ({ undo }: Response): string | undefined =>
  'irreversible' in undo ? `There is no undo. ${undo.irreversible}` : undefined;

const undo: ResponseCheck = {
  name: 'undo',
  promise:
    'it is undone by one write, proved, and a second undo does nothing; or it says that it cannot be undone',
  run: (action, given) =>
    inTenant(action, given, async (contoso, approved) => {
      const { output } = await actNow(action, approved, contoso);
      contoso.clock.advance(SETTLED_SECONDS);
      const context = contoso.context(action.name, 'target');
      const undone = await undoResponse(action, approved.input, output, context);
      if ('irreversible' in action.undo) {
        expect(undone).toMatchObject({ ok: false, error: { code: 'irreversible' } });
        expect(contoso.writes()).toHaveLength(1);
        return;
      }
      expect(undone).toMatchObject({ ok: true, value: { state: 'requested' } });
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await confirmUndo(action, approved.input, output, context)).toMatchObject(CONFIRMED);
      expect(contoso.writes()).toHaveLength(2);
      await undoResponse(action, approved.input, output, context);
      expect(contoso.writes()).toHaveLength(2);
    }),
};

const restored: ResponseCheck = {
  name: 'restored',
  promise: 'after the undo the tenant is as it was, byte for byte',
  exempt: irreversibleBecause,
  run: (action, given) =>
    inTenant(action, given, async (contoso, approved) => {
      const before = stateOf(contoso);
      const { output } = await actNow(action, approved, contoso);
      const context = contoso.context(action.name, 'target');
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await readBack(action, approved, output, contoso)).toBe('confirmed');
      expect(stateOf(contoso)).not.toBe(before);
      const undone = await undoResponse(action, approved.input, output, context);
      expect(undone).toMatchObject({ ok: true });
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await confirmUndo(action, approved.input, output, context)).toMatchObject(CONFIRMED);
      expect(stateOf(contoso)).toBe(before);
    }),
};

const others: ResponseCheck = {
  name: 'others',
  promise: 'what somebody else did is found as done, is not done again, and is not undone',
  exempt: (_action, { doneBySomebodyElse }) =>
    typeof doneBySomebodyElse === 'function' ? undefined : doneBySomebodyElse.doesNotCount,
  run: (action, given) =>
    inTenant(action, given, async (contoso, approved) => {
      const { doneBySomebodyElse } = given;
      if (typeof doneBySomebodyElse !== 'function') throw new Error(doneBySomebodyElse.doesNotCount);
      contoso.change(doneBySomebodyElse);
      const result = await act(action, approved, contoso);
      expect(result).toMatchObject({
        ok: true,
        value: { state: expect.stringMatching(/^already-(done|in-progress)$/) },
      });
      expect(contoso.writes()).toEqual([]);
      if (!result.ok || 'irreversible' in action.undo) return;
      const context = contoso.context(action.name, 'target');
      const undone = await undoResponse(action, approved.input, result.value.output, context);
      if (undone.ok) expect(undone.value.state).toBe('not-ours');
      expect(contoso.writes()).toEqual([]);
    }),
};

export const undoChecks: readonly ResponseCheck[] = [undo, restored, others];
