/** Acts once, and proves what is there. */
import { expect } from 'vitest';
import { undoResponse } from '../../../../src/actions/run.js';
import { act, actNow, actTwice, inTenant, readBack, SETTLED_SECONDS } from '../act.js';
import type { ResponseCheck } from './check.js';
import { withFault } from './faulty-write.js';
import { ABOUT_THE_INCIDENT } from './targets.js';

const effect: ResponseCheck = {
  name: 'effect',
  promise: 'it acts by one write; the effect is confirmed when it is there, and not once it is gone',
  run: (action, given) =>
    inTenant(action, given, async (contoso, approved) => {
      const { state, output } = await actNow(action, approved, contoso);
      expect(state).toBe('requested');
      expect(['pending', 'confirmed']).toContain(await readBack(action, approved, output, contoso));
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await readBack(action, approved, output, contoso)).toBe('confirmed');
      expect(contoso.writes()).toHaveLength(1);
      contoso.change(given.lose);
      expect(await readBack(action, approved, output, contoso)).not.toBe('confirmed');
      expect(contoso.simulator.unknownCalls()).toEqual([]);
    }),
};

const accepted: ResponseCheck = {
  name: 'accepted',
  promise: 'a request that the service accepts, and that has no effect, is not confirmed',
  run: (action, given) =>
    withFault(action, given, { kind: 'ignored' }, async (contoso, approved) => {
      const result = await act(action, approved, contoso);
      expect(contoso.writes()).toHaveLength(1);
      if (!result.ok) return;
      for (const seconds of [0, SETTLED_SECONDS]) {
        contoso.clock.advance(seconds);
        expect(await readBack(action, approved, result.value.output, contoso)).not.toBe('confirmed');
      }
    }),
};

const again: ResponseCheck = {
  name: 'again',
  promise: 'called again with the same key, at once or later, it sends nothing more',
  run: (action, given) =>
    inTenant(action, given, async (contoso, approved) => {
      await actNow(action, approved, contoso);
      for (const seconds of [0, SETTLED_SECONDS]) {
        contoso.clock.advance(seconds);
        expect(await act(action, approved, contoso)).toMatchObject({ ok: true });
        expect(contoso.writes()).toHaveLength(1);
      }
    }),
};

const crash: ResponseCheck = {
  name: 'crash',
  promise: 'a call that is repeated after a crash takes its own effect for its own',
  exempt: ({ target }) => (target === undefined ? ABOUT_THE_INCIDENT : undefined),
  run: (action, given) =>
    inTenant(action, given, async (contoso, approved) => {
      const result = await actTwice(action, approved, contoso);
      expect(result, OWN_EFFECT).toMatchObject({ ok: true, value: { state: 'requested' } });
      expect(contoso.writes()).toHaveLength(1);
      if (!result.ok || 'irreversible' in action.undo) return;
      contoso.clock.advance(SETTLED_SECONDS);
      const context = contoso.context(action.name, 'target');
      // Without evidence of the author it fails, and an analyst decides.
      const undone = await undoResponse(action, approved.input, result.value.output, context);
      expect(undone).not.toMatchObject({ ok: true, value: { state: 'not-ours' } });
    }),
};
const OWN_EFFECT =
  'Its call was repeated after a crash. If the service does not record who acted, `run` first returns `prechecked` (docs/adding-an-action.md).';

export const actingChecks: readonly ResponseCheck[] = [effect, accepted, again, crash];
