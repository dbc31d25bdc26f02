/** Mutants of the examples with fixed seeds; `npm run fuzz` tries many more. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { type NormalisedIncident, normalisedIncidentSchema } from '../../src/domain/incident.js';
import { normaliseBody, recogniseDeliveries } from '../../src/intake/index.js';
import { EXAMPLES, mutant } from './mutate.mjs';

const MUTANTS = 2_000;

/** SHA-256 of the content as JSON with sorted keys, without what changes while the content stays. */
function hashOf(incident: NormalisedIncident): string {
  const {
    armId: _id,
    workspace: _workspace,
    modifiedAt: _time,
    etag: _etag,
    version: _version,
    suspicion: _suspicion,
    ...content
  } = incident;
  const json = JSON.stringify(content, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(json).digest('hex');
}

it('reads 2,000 mutants of the examples without an exception, and each as something', () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= MUTANTS; seed += 1) {
    const body = mutant(seed);
    for (const delivery of recogniseDeliveries(body)) {
      const { kind } = delivery;
      const name =
        kind === 'alert' ? delivery.alert.kind : kind === 'rejected' ? delivery.code : delivery.shape;
      kinds.add(name);
      if (delivery.kind === 'rejected') expect(delivery.reason).not.toBe('');
    }
    if (seed % 4 > 0) continue;
    for (const item of normaliseBody(body, 10_000_000)) {
      if (item.kind === 'incident' && !normalisedIncidentSchema.safeParse(item.incident).success)
        throw new Error(`seed ${seed}: not an incident of the model`);
      if (item.kind === 'incident' && item.incident.version.contentHash !== hashOf(item.incident))
        throw new Error(`seed ${seed}: not the hash of its content`);
    }
  }
  expect(EXAMPLES.length).toBeGreaterThan(20);
  // The mutants reach the code behind the decoder.
  expect(kinds.size).toBeGreaterThan(15);
});

it('makes the same mutant of the same seed', () => {
  for (const seed of [1, 77, 4_711]) expect(mutant(seed)).toEqual(mutant(seed));
});

it('gives the examples the content hashes that they have always had', () => {
  const hashes = EXAMPLES.flatMap((text) => normaliseBody(Buffer.from(text), 10_000_000)).flatMap((item) =>
    item.kind === 'incident' ? item.incident.version.contentHash : [],
  );
  // Only if the reading of an example changes on purpose may this differ: stored hashes are compared with new ones.
  expect(hashes).toHaveLength(17);
  expect(createHash('sha256').update(hashes.sort().join()).digest('hex')).toBe(
    'eec45924547625b7612135adcfa3a9bb1a12ac93318bed01c7e4fbf3abb94d21',
  );
});
