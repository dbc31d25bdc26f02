/** Whatever signals a case file receives, in any order: it shows the updates of its run, or an alarm. */
import type { EntityContext } from 'durable-functions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseEntity } from '../../src/app/case-entity.ts';
import { createSealer } from '../../src/approvals/index.ts';
import type { CaseUpdate } from '../../src/domain/case-file-updates.ts';
import { type CaseRecord, caseRecordSchema, isIntact } from '../../src/domain/case-record.ts';
import { CASE_OPERATION } from '../../src/orchestrator/index.ts';

const AT = '2026-03-10T08:12:00.000Z';
const RUN = { instanceId: `incident-${'0'.repeat(40)}`, generation: 2 };
const sealer = createSealer(['a key that only the responder has, for tests']);
const stranger = createSealer(['a key that somebody else made up, for tests']);

const update = (sequence: number, said: string): CaseUpdate => ({
  sequence,
  ...(sequence === 1
    ? {
        open: {
          ...RUN,
          incidentKey: '/subscriptions/x',
          origin: { kind: 'sentinel', armId: '/subscriptions/X' },
          title: 'Incident 1',
          severity: 'unknown' as const,
          receivedAt: AT,
        },
      }
    : {}),
  changes: { title: `${said} ${sequence}` },
  approvals: [],
  decisions: [],
  effects: [{ stepId: `${sequence % 3}`, action: 'a', target: said, state: 'intended', at: AT }],
  timeline: [{ at: AT, stage: 'reading', text: `${said} ${sequence}` }],
});
const sealed = (sequence: number, said = 'said', by = sealer, run = RUN) =>
  by.seal(update(sequence, said), { purpose: 'case-update', ...run, sequence });

/** Runs the entity like the host: one signal after the other. */
class Entity {
  record: CaseRecord | undefined;
  readonly errors: string[] = [];

  signal(input: unknown, operation = CASE_OPERATION): void {
    const context = {
      df: {
        entityKey: `${RUN.instanceId}.${RUN.generation}`,
        operationName: operation,
        getInput: () => input,
        getState: () => this.record,
        setState: (state: CaseRecord) => {
          this.record = caseRecordSchema.parse(JSON.parse(JSON.stringify(state)));
        },
      },
      error: (text: string) => this.errors.push(text),
    };
    caseEntity(sealer.open)(context as unknown as EntityContext<CaseRecord>);
  }
}
function signalled(inputs: readonly unknown[]): Entity {
  const entity = new Entity();
  for (const input of inputs) entity.signal(input);
  return entity;
}
const honest = (length: number) => Array.from({ length }, (_, i) => sealed(i + 1));
const codes = ({ record }: Entity) => record?.alarms.map(({ code }) => code) ?? [];

describe('a case file', () => {
  it('has all updates of its run, if they arrive in order', () => {
    const entity = signalled(honest(5));
    expect(codes(entity)).toEqual([]);
    expect(entity.record?.file.timeline.map(({ text }) => text)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `said ${n}`),
    );
    expect(entity.record?.file).toMatchObject({ revision: 5, title: 'said 5', generation: 2 });
  });

  /** Signals that an attacker can derive from eight genuine updates, without the key. */
  const arbitrarySignal = fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 7 }).map((i) => sealed(i + 1)) },
    fc.nat({ max: 9 }).map((i) => sealed(i + 1, 'forged', stranger)),
    fc.nat({ max: 9 }).map((i) => update(i + 1, 'forged')),
    fc.nat({ max: 9 }).map((i) => ({ ...sealed(3), sequence: i })),
    fc.nat({ max: 9 }).map((i) => ({ ...sealed(3), content: JSON.stringify(update(i, 'forged')) })),
    fc.nat({ max: 9 }).map((i) => sealed(i + 1, 'of another run', sealer, { ...RUN, generation: 1 })),
    fc.anything(),
  );

  it('never shows anything else without an alarm: forged, replayed, reordered or cut', () => {
    fc.assert(
      fc.property(fc.array(arbitrarySignal, { maxLength: 25 }), (signals) => {
        const entity = signalled(signals);
        if (entity.record === undefined) return;
        const { file } = entity.record;
        expect(JSON.stringify(file)).not.toContain('forged');
        expect(JSON.stringify(file)).not.toContain('of another run');
        if (!isIntact(entity.record)) return;
        // No update is missing, repeated or out of order.
        expect(file).toEqual(signalled(honest(file.revision)).record?.file);
      }),
      { numRuns: 500 },
    );
  });

  it('ends like its run, or reports that an update is missing, whatever is mixed in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 8 }), arbitrarySignal), { maxLength: 15 }),
        fc.option(fc.nat({ max: 6 }), { nil: undefined }),
        (mixed, cut) => {
          const signals = honest(8).flatMap((one, i) => [
            ...mixed.filter(([place]) => place === i).map(([, signal]) => signal),
            ...(i === cut ? [] : [one]),
          ]);
          const entity = signalled(signals);
          if (entity.record !== undefined && isIntact(entity.record)) {
            expect(entity.record.file).toEqual(signalled(honest(8)).record?.file);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is incomplete if any update is missing, even the first', () => {
    expect(codes(signalled([sealed(1), sealed(3)]))).toEqual(['incomplete']);
    const entity = signalled([sealed(2), sealed(3)]);
    expect(codes(entity)).toEqual(['incomplete']);
    expect(entity.record?.file).toMatchObject({ ...RUN, title: 'said 3', revision: 3 });
  });

  it('keeps the first version of an update that arrives again with other content, and accepts no more', () => {
    const entity = signalled([...honest(4), ...[1, 2, 3, 4, 5].map((n) => sealed(n, 'told again'))]);
    expect(codes(entity)).toEqual(['rewritten']);
    expect(entity.record?.file).toEqual(signalled(honest(4)).record?.file);
    expect(entity.errors.join()).toContain('Alarm rewritten');
  });

  it('accepts a turn that the host ran twice: the last update replaces the one before', () => {
    // A host that stops after sending and before committing sends again, with another time or more content.
    const entity = signalled([...honest(3), sealed(3, 'said later'), sealed(4)]);
    expect(codes(entity)).toEqual([]);
    expect(entity.record?.file.timeline.map(({ text }) => text)).toEqual([
      'said 1',
      'said 2',
      'said later 3',
      'said 4',
    ]);
    const first = signalled([sealed(1), sealed(1, 'said later'), sealed(2)]);
    expect(codes(first)).toEqual([]);
    expect(first.record?.file.timeline).toHaveLength(2);
  });

  it('counts forged updates, and does not start with one', () => {
    expect(signalled([update(1, 'forged'), {}]).record).toBeUndefined();
    const entity = signalled([sealed(1), update(2, 'forged'), {}, sealed(2)]);
    expect(entity.record?.alarms).toMatchObject([{ code: 'forged', count: 2 }]);
    expect(entity.record && isIntact(entity.record)).toBe(true);
    entity.signal(sealed(3), 'delete');
    expect(entity.record?.alarms[0]?.count).toBe(3);
  });
});
