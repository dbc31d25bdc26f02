/** Who relies on an effect is neither lost nor forged, in whatever order incidents ask and however often. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hearReliance,
  type Reliance,
  type RelianceAnswer,
  type RelianceRequest,
  type Reliant,
} from '../../src/domain/reliance.js';

const START = Date.parse('2026-03-10T08:00:00Z');
const HOUR = 3_600_000;
const who = (n: number, generation = 1): Reliant => ({
  instanceId: `incident-${n}`,
  generation,
  step: 0,
  number: `200${n}`,
  since: new Date(START).toISOString(),
});

/** Asks one thing after the other; the answer to the last is what comes back. */
function hear(...requests: readonly RelianceRequest[]) {
  let reliance: Reliance | undefined;
  let answer: RelianceAnswer | undefined;
  for (const request of requests) ({ reliance, answer } = hearReliance(reliance, request, START));
  return { reliance, answer };
}
const claim = (one: Reliant): RelianceRequest => ({ ask: 'claim', who: one });
const release = (one: Reliant, output: unknown = { by: one.number }): RelianceRequest => ({
  ask: 'release',
  who: one,
  output,
});
const said = (ask: 'withdraw' | 'released' | 'end' | 'gone', one: Reliant): RelianceRequest => ({
  ask,
  who: one,
});
const [A, B] = [who(1), who(2)];

describe('reliance on an effect', () => {
  it('keeps the effect while another incident relies on it, and hands on who brought it about', () => {
    const first = hear(claim(A), claim(B), release(A));
    expect(first.answer).toEqual({ state: 'relied-on', others: [B] });
    expect(hear(claim(A), claim(B), release(A), release(B)).answer).toEqual({
      state: 'may-end',
      left: [{ by: '2001' }],
    });
  });

  it('lets a claim wait while the effect is being ended, and stand afterwards', () => {
    expect(hear(claim(A), release(A), claim(B)).answer).toEqual({ state: 'wait', by: A });
    const after = hear(claim(A), release(A), claim(B), said('released', A), claim(B));
    expect(after.answer).toEqual({ state: 'relies', others: [] });
    expect(after.reliance).toMatchObject({ relies: [B], left: [] });
  });

  it('is true again after an effect could not be ended', () => {
    const kept: RelianceRequest = { ask: 'kept', who: A, output: { by: '2001' } };
    const { reliance } = hear(claim(A), release(A), kept);
    expect(reliance).toMatchObject({ relies: [], left: [{ by: '2001' }] });
    expect(reliance?.releasing).toBeUndefined();
    expect(hear(claim(A), release(A), kept, claim(B), release(B)).answer).toMatchObject({
      state: 'may-end',
      left: [{ by: '2001' }],
    });
  });

  it('refuses an ending by an incident that never relied on it, while another does', () => {
    expect(hear(claim(A), said('end', B)).answer).toEqual({ state: 'relied-on', others: [A] });
    expect(hear(said('end', B)).answer).toEqual({ state: 'may-end', left: [] });
    expect(hear(said('end', B), claim(A)).answer).toEqual({ state: 'wait', by: B });
  });

  it('forgets a claim that nothing came of', () => {
    expect(hear(claim(A), claim(B), said('withdraw', B), release(A)).answer).toMatchObject({
      state: 'may-end',
    });
  });

  it('takes a new run of an incident for the incident', () => {
    const again = who(1, 2);
    expect(hear(claim(A), claim(again), release(again)).answer).toMatchObject({ state: 'may-end' });
    expect(hear(claim(A), release(A), claim(again)).answer).toEqual({ state: 'relies', others: [] });
    expect(hear(claim(A), release(A), claim(again)).reliance?.relies).toEqual([again]);
    const stands: RelianceRequest = { ask: 'stands', who: again, instead: [] };
    expect(hear(claim(A), claim(again), stands).reliance?.relies).toEqual([{ ...again, stands: true }]);
    expect(hear(claim(A), claim(again), stands, release(A)).answer).toEqual({
      state: 'refused',
      code: 'over',
    });
  });

  it('keeps what an earlier run relies on where nothing comes of the new one', () => {
    const again = who(1, 2);
    const { reliance } = hear(claim(A), claim(B), claim(again), said('withdraw', again));
    expect(reliance?.relies).toEqual([A, B]);
    expect(hear(claim(A), claim(B), claim(again), said('withdraw', again), release(B)).answer).toEqual({
      state: 'relied-on',
      others: [A],
    });
    // The incident itself may undo it, whichever of its runs began it.
    const undone = hear(claim(A), claim(again), release(again), said('released', again));
    expect(undone.reliance?.relies).toEqual([]);
  });

  it('takes away what a run relied on that was purged, also one that ended in the middle of a release', () => {
    expect(hear(claim(A), claim(B), said('gone', A), release(B)).answer).toMatchObject({ state: 'may-end' });
    expect(hear(claim(A), claim(B), said('gone', A), claim(A)).answer).toMatchObject({ code: 'over' });
    const stuck = hear(claim(A), release(A), said('gone', A), claim(B));
    expect(stuck.answer).toEqual({ state: 'relies', others: [] });
    // What was handed on to it stays known.
    const handedOn = hear(claim(A), claim(B), release(B), release(A), said('gone', A));
    expect(handedOn.reliance).toMatchObject({ relies: [], left: [{ by: '2002' }] });
  });

  it('does not hear again what was decided long ago', () => {
    const { reliance } = hear(claim(A), claim(B), release(A));
    for (const hours of [1, 25, 49, 24 * 365]) {
      const late = hearReliance(reliance, claim(A), START + hours * HOUR);
      expect(late.answer).toMatchObject({ state: 'refused' });
      expect(late.reliance.relies).toEqual([B]);
    }
  });
});

const request = fc
  .tuple(
    fc.constantFrom<RelianceRequest['ask']>(
      'claim',
      'withdraw',
      'release',
      'end',
      'released',
      'kept',
      'gone',
    ),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 2 }),
  )
  .map(([ask, n, generation]) => ({ ask, who: who(n, generation), output: { by: n } }) as RelianceRequest);

const idOf = ({ instanceId, generation }: Reliant) => `${instanceId}/${generation}`;

it('never lets two incidents end it, nor one while another relies on it, whatever is said and repeated', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
      let reliance: Reliance | undefined;
      const over = new Set<string>();
      for (const one of requests) {
        const before = reliance?.relies ?? [];
        const heard = hearReliance(reliance, one, START);
        // What was said twice is answered twice, and counts once.
        expect(hearReliance(heard.reliance, one, START).reliance.relies).toEqual(heard.reliance.relies);
        ({ reliance } = heard);
        const { answer } = heard;
        const others = reliance.relies.filter((other) => idOf(other) !== idOf(one.who));
        if (answer.state === 'may-end') expect(others).toEqual([]);
        if (answer.state === 'relies') expect(reliance.relies).toContainEqual(one.who);
        const { releasing } = reliance;
        if (releasing) expect(reliance.relies.filter((other) => idOf(other) !== idOf(releasing))).toEqual([]);
        // A claim ends by its own incident's word only.
        for (const other of before) {
          if (other.instanceId !== one.who.instanceId) expect(reliance.relies).toContainEqual(other);
        }
        if (over.has(idOf(one.who))) expect(answer).toEqual({ state: 'refused', code: 'over' });
        for (const { id } of reliance.ended) over.add(id.replace(/\/0$/, ''));
      }
    }),
    { numRuns: 1_000 },
  );
});
