/** Every channel shows the current state of an effect. */
import { describe, expect, it } from 'vitest';
import { type Effect, effectSchema, undoEffectSchema } from '../../src/domain/case-file.js';
import { presentEffect } from '../../src/views/index.js';

const AT = '2026-03-10T08:12:00.000Z';
const UNDOS = undoEffectSchema.shape.state.options;
const EFFECTS = effectSchema.shape.state.options;
const effect = (state: Effect['state'], more: Partial<Effect> = {}): Effect => ({
  stepId: 'isolate-device',
  action: 'defender.isolate-device',
  target: 'ws-1.corp.contoso.com',
  state,
  proof: 'It was read back as isolated.',
  at: AT,
  ...more,
});
const undone = (state: Effect['state'], undo: (typeof UNDOS)[number]) =>
  effect(state, {
    undo: { state: undo, because: 'decision', proof: 'It was read back as released.', at: AT },
  });

describe('an effect with an undo', () => {
  it.each(UNDOS)('shows only its undo: %s', (undo) => {
    for (const state of EFFECTS) {
      const { words, tone, proof } = presentEffect(undone(state, undo));
      expect(words).not.toBe(presentEffect(effect(state)).words);
      expect(proof).toBe('It was read back as released.');
      expect(tone).not.toBe('good');
      expect(tone === 'over').toBe(undo === 'confirmed' || undo === 'already-done');
    }
  });
});

it('shows an effect that others ended as over', () => {
  const ended = effect('confirmed', { endedByOthers: { at: AT, reason: 'Somebody released it.' } });
  expect(presentEffect(ended)).toEqual({
    words: 'ended by others since',
    tone: 'over',
    proof: 'Somebody released it.',
  });
});
