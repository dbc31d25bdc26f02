/** Mutants of the examples with fixed seeds; `npm run fuzz` tries many more. */
import { expect, it } from 'vitest';
import { normalisedIncidentSchema } from '../../src/domain/incident.js';
import { normaliseBody, recogniseDeliveries } from '../../src/intake/index.js';
import { EXAMPLES, mutant } from './mutate.mjs';

const MUTANTS = 2_000;

it('reads 2,000 mutants of the examples without an exception, and each as something', () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= MUTANTS; seed += 1) {
    const body = mutant(seed);
    for (const delivery of recogniseDeliveries(body)) {
      kinds.add(delivery.kind === 'incident' ? delivery.shape : delivery.code);
      if (delivery.kind === 'rejected') expect(delivery.reason).not.toBe('');
    }
    if (seed % 4 > 0) continue;
    for (const item of normaliseBody(body, 10_000_000)) {
      if (item.kind === 'incident' && !normalisedIncidentSchema.safeParse(item.incident).success)
        throw new Error(`seed ${seed}: not an incident of the model`);
    }
  }
  expect(EXAMPLES.length).toBeGreaterThan(20);
  // The mutants reach the code behind the decoder.
  expect(kinds.size).toBeGreaterThan(15);
});

it('makes the same mutant of the same seed', () => {
  for (const seed of [1, 77, 4_711]) expect(mutant(seed)).toEqual(mutant(seed));
});
