/** Reliances are neither lost nor invented, for any order and repetition of requests. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyRelianceRequest,
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

/** Applies the requests in order and returns the last answer. */
function applyAll(...requests: readonly RelianceRequest[]) {
  let reliance: Reliance | undefined;
  let answer: RelianceAnswer | undefined;
  for (const request of requests) ({ reliance, answer } = applyRelianceRequest(reliance, request, START));
  return { reliance, answer };
}
const claim = (one: Reliant): RelianceRequest => ({ ask: 'claim', who: one });
const release = (one: Reliant, output: unknown = { by: one.number }): RelianceRequest => ({
  ask: 'release',
  who: one,
  output,
});
const send = (ask: 'withdraw' | 'released' | 'end' | 'gone', one: Reliant): RelianceRequest => ({
  ask,
  who: one,
});
const [A, B] = [who(1), who(2)];

describe('reliance on an effect', () => {
  it('keeps the effect while another incident relies on it, and hands on the output of the step that caused it', () => {
    const first = applyAll(claim(A), claim(B), release(A));
    expect(first.answer).toEqual({ state: 'relied-on', others: [B] });
    expect(applyAll(claim(A), claim(B), release(A), release(B)).answer).toEqual({
      state: 'may-end',
      left: [{ by: '2001' }],
    });
  });

  it('makes a claim wait while the effect is being ended, and accepts it afterwards', () => {
    expect(applyAll(claim(A), release(A), claim(B)).answer).toEqual({ state: 'wait', by: A });
    const after = applyAll(claim(A), release(A), claim(B), send('released', A), claim(B));
    expect(after.answer).toEqual({ state: 'relies', others: [] });
    expect(after.reliance).toMatchObject({ relies: [B], left: [] });
  });

  it('continues if the effect could not be ended', () => {
    const kept: RelianceRequest = { ask: 'kept', who: A, output: { by: '2001' } };
    const { reliance } = applyAll(claim(A), release(A), kept);
    expect(reliance).toMatchObject({ relies: [], left: [{ by: '2001' }] });
    expect(reliance?.releasing).toBeUndefined();
    expect(applyAll(claim(A), release(A), kept, claim(B), release(B)).answer).toMatchObject({
      state: 'may-end',
      left: [{ by: '2001' }],
    });
  });

  it('refuses to end the effect for an incident that never relied on it while another does', () => {
    expect(applyAll(claim(A), send('end', B)).answer).toEqual({ state: 'relied-on', others: [A] });
    expect(applyAll(send('end', B)).answer).toEqual({ state: 'may-end', left: [] });
    expect(applyAll(send('end', B), claim(A)).answer).toEqual({ state: 'wait', by: B });
  });

  it('removes a withdrawn claim', () => {
    expect(applyAll(claim(A), claim(B), send('withdraw', B), release(A)).answer).toMatchObject({
      state: 'may-end',
    });
  });

  it('treats a new run as the same incident', () => {
    const again = who(1, 2);
    expect(applyAll(claim(A), claim(again), release(again)).answer).toMatchObject({ state: 'may-end' });
    expect(applyAll(claim(A), release(A), claim(again)).answer).toEqual({ state: 'relies', others: [] });
    expect(applyAll(claim(A), release(A), claim(again)).reliance?.relies).toEqual([again]);
    const proved: RelianceRequest = { ask: 'proved', who: again, instead: [] };
    expect(applyAll(claim(A), claim(again), proved).reliance?.relies).toEqual([{ ...again, proved: true }]);
    expect(applyAll(claim(A), claim(again), proved, release(A)).answer).toEqual({
      state: 'refused',
      code: 'over',
    });
  });

  it('keeps the reliance of an earlier run if the new run withdraws', () => {
    const again = who(1, 2);
    const { reliance } = applyAll(claim(A), claim(B), claim(again), send('withdraw', again));
    expect(reliance?.relies).toEqual([A, B]);
    expect(applyAll(claim(A), claim(B), claim(again), send('withdraw', again), release(B)).answer).toEqual({
      state: 'relied-on',
      others: [A],
    });
    // The incident may undo the effect, whichever of its runs caused it.
    const undone = applyAll(claim(A), claim(again), release(again), send('released', again));
    expect(undone.reliance?.relies).toEqual([]);
  });

  it('removes the reliance of a purged run, also in the middle of a release', () => {
    expect(applyAll(claim(A), claim(B), send('gone', A), release(B)).answer).toMatchObject({
      state: 'may-end',
    });
    expect(applyAll(claim(A), claim(B), send('gone', A), claim(A)).answer).toMatchObject({ code: 'over' });
    const stuck = applyAll(claim(A), release(A), send('gone', A), claim(B));
    expect(stuck.answer).toEqual({ state: 'relies', others: [] });
    // The outputs that were handed on to it are not lost.
    const handedOn = applyAll(claim(A), claim(B), release(B), release(A), send('gone', A));
    expect(handedOn.reliance).toMatchObject({ relies: [], left: [{ by: '2002' }] });
  });

  it('refuses requests of old decisions', () => {
    const { reliance } = applyAll(claim(A), claim(B), release(A));
    for (const hours of [1, 25, 49, 24 * 365]) {
      const late = applyRelianceRequest(reliance, claim(A), START + hours * HOUR);
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

it('never allows two incidents to end it, or one while another relies on it, for any requests and repetitions', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
      let reliance: Reliance | undefined;
      const over = new Set<string>();
      for (const one of requests) {
        const before = reliance?.relies ?? [];
        const result = applyRelianceRequest(reliance, one, START);
        // A repeated request is answered again and counts once.
        expect(applyRelianceRequest(result.reliance, one, START).reliance.relies).toEqual(
          result.reliance.relies,
        );
        ({ reliance } = result);
        const { answer } = result;
        const others = reliance.relies.filter((other) => idOf(other) !== idOf(one.who));
        if (answer.state === 'may-end') expect(others).toEqual([]);
        if (answer.state === 'relies') expect(reliance.relies).toContainEqual(one.who);
        const { releasing } = reliance;
        if (releasing) expect(reliance.relies.filter((other) => idOf(other) !== idOf(releasing))).toEqual([]);
        // Only the incident itself can end its claim.
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
