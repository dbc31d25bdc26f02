import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CaseFile, caseFileSchema } from '../../src/domain/case-file.js';
import {
  applyCaseUpdate,
  type CaseUpdate,
  caseUpdateSchema,
  emptyCaseFile,
} from '../../src/domain/case-file-updates.js';
import { cleanErrorText } from '../../src/domain/error-text.js';
import {
  FOREIGN_TENANT,
  type RefusedDecision,
  type RefusedDecisions,
  refusedDecisionOf,
  refusedDecisionSchema,
  withRefusedDecision,
} from '../../src/domain/refused-decisions.js';

const AT = '2026-03-10T08:12:00.000Z';
const open = {
  incidentKey: '/subscriptions/x',
  origin: { kind: 'sentinel', armId: '/subscriptions/X' } as const,
  instanceId: 'incident-1',
  generation: 1,
  title: 'Incident 1',
  severity: 'unknown' as const,
  receivedAt: AT,
};
const update = (sequence: number): CaseUpdate => ({
  sequence,
  ...(sequence === 1 ? { open } : {}),
  changes: { title: `title ${sequence}` },
  approvals: [],
  decisions: [],
  effects: [
    { stepId: `step-${sequence % 3}`, action: 'a', target: 't', state: 'intended', at: `${sequence}` },
  ],
  timeline: [{ at: AT, stage: 'reading', text: `${sequence}` }],
});
const applyAll = (updates: readonly CaseUpdate[]) =>
  updates.reduce<CaseFile>(applyCaseUpdate, emptyCaseFile(open));

it('is the same if updates arrive again', () => {
  const once = Array.from({ length: 8 }, (_, i) => update(i + 1));
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 7 }), { maxLength: 20 }), (repeats) => {
      const withRepeats = once.flatMap((one, i) => [
        one,
        ...repeats.filter((r) => r <= i).map((r) => update(r + 1)),
      ]);
      expect(applyAll(withRepeats)).toEqual(applyAll(once));
    }),
  );
  const file = applyAll(once);
  expect(caseFileSchema.parse(file)).toEqual(file);
  expect(file?.timeline.map(({ text }) => text)).toEqual(once.map(({ sequence }) => `${sequence}`));
  expect(file?.effects).toHaveLength(3);
});

it('records refused decisions in a separate part, within bounds, from any number of senders', () => {
  const senders = [
    undefined,
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((objectId) => ({ objectId })),
    { objectId: 'x', tenantId: 'foreign-1' },
    { objectId: 'y', tenantId: 'foreign-2' },
  ];
  const sent = fc.record({ id: fc.nat({ max: 400 }), sender: fc.constantFrom(...senders) });
  fc.assert(
    fc.property(fc.array(sent, { maxLength: 600, size: 'max' }), (all) => {
      const refusals = all.map(({ id, sender }) =>
        refusedDecisionOf(
          {
            id: `${id}`,
            requestId: 'r',
            kind: 'approve',
            by: sender && { kind: 'person', name: 'x'.repeat(999), channel: 'teams', ...sender },
            steps: Array.from({ length: 99 }, () => 's'.repeat(999)),
            reason: 'r'.repeat(9_999),
          },
          { code: sender && 'tenantId' in sender ? FOREIGN_TENANT : 'ended', message: 'm'.repeat(9_999) },
          AT,
        ),
      );
      for (const refusal of refusals) expect(refusedDecisionSchema.parse(refusal)).toEqual(refusal);
      const log = refusals.reduce<RefusedDecisions | undefined>(withRefusedDecision, undefined);
      const { kept, omitted } = log ?? { kept: [] };
      expect(kept.length).toBeLessThanOrEqual(100);
      expect(new Set(kept.map(({ id }) => id)).size).toBe(kept.length);
      const known = (one: RefusedDecision) => one.by?.kind === 'person' && one.by.tenantId === undefined;
      expect(kept.filter((one) => !known(one)).length).toBeLessThanOrEqual(20);
      const first = refusals.filter(({ id }, i) => refusals.findIndex((one) => one.id === id) === i);
      if (omitted === undefined) expect(kept).toEqual(first);
      else expect(kept.length + omitted.count).toBeGreaterThanOrEqual(first.length);
    }),
    // Shrinking hundreds of them takes minutes.
    { numRuns: 30, endOnFailure: true },
  );
});

it('reads an update unchanged', () => {
  expect(caseUpdateSchema.parse(JSON.parse(JSON.stringify(update(1))))).toEqual(update(1));
});

it.each([
  ['AccountKey=c2VjcmV0c2VjcmV0;EndpointSuffix=core.windows.net', 'c2VjcmV0'],
  ['Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln', 'eyJhbGciOi'],
  ['GET https://x.blob.core.windows.net/a?sv=1&sig=abcdefgh%3D', 'abcdefgh'],
  ['{"client_secret":"s3cr3ts3cr3t"}', 's3cr3ts3cr3t'],
  ['password is hunter22hunter22', undefined],
  ['Token=abcdef123456', 'abcdef123456'],
])('takes credentials out of error texts: %s', (text, secret) => {
  const clean = cleanErrorText(text);
  if (secret) expect(clean).not.toContain(secret);
  expect(clean).not.toMatch(/(?:key|token|sig|password|code)=/i);
});

it('leaves other error texts as they are, on one line and of bounded length', () => {
  expect(cleanErrorText('The key vault\nis closed; code Forbidden')).toBe(
    'The key vault is closed; code Forbidden',
  );
  expect(cleanErrorText('x'.repeat(10_000))).toHaveLength(600);
});
