/** A later run of an incident shows the final effects of the earlier run, not their first state. */
import { expect, it } from 'vitest';
import type { Effect } from '../../src/domain/case-file.js';
import { emptyCaseFile } from '../../src/domain/case-file-updates.js';
import { earlierRunOf } from '../../src/domain/earlier-run.js';

const at = '2026-03-10T08:00:00.000Z';
const origin = { kind: 'sentinel', armId: 'a' } as const;
const header = { incidentKey: 'k', origin, instanceId: 'i', generation: 1, title: 't' } as const;
const file = emptyCaseFile({ ...header, severity: 'high', receivedAt: at });
const effect: Effect = { stepId: 's', action: 'isolate', target: 'ws-0147', state: 'confirmed', at };
const undo = { state: 'confirmed', because: 'decision', at } as const;

it.each<[string, Partial<Effect>]>([
  ['confirmed', {}],
  ['undo confirmed', { undo }],
  ['ended by others', { endedByOthers: { at, reason: 'released by hand' } }],
  ['undo confirmed', { undo, endedByOthers: { at, reason: 'released by hand' } }],
])('summarises an effect: %s', (words, more) => {
  expect(earlierRunOf({ ...file, effects: [{ ...effect, ...more }] }).effects).toEqual([
    `isolate: ws-0147: ${words}`,
  ]);
});
