/** The contract that each response of the registry keeps. A new response is tested by having a case. */

import type { Fault, LoggedCall } from 'tenant-simulator';
import { describe, expect, it } from 'vitest';
import type { Response } from '../../../src/actions/define.js';
import { responses } from '../../../src/actions/registry.generated.js';
import { confirmResponse, confirmUndo, undoResponse } from '../../../src/actions/run.js';
import { type Contoso, withContoso } from '../contoso.js';
import { act, actAgain, actTwice, reasonOf, SETTLED_SECONDS } from './act.js';
import { caseOf, prepare, type ResponseCase } from './case.js';

const OWN_EFFECT =
  'Its call was repeated after a crash. If the service does not record who acted, `run` first returns `prechecked` (docs/adding-an-action.md).';

describe.concurrent.each(responses.map((action) => [action.name, action] as const))('%s', (_name, action) => {
  /** The write that the response sends: the same in each tenant. */
  let write: Promise<LoggedCall> | undefined;
  const writeOf = (given: ResponseCase): Promise<LoggedCall> => {
    write ??= findWrite(given);
    return write;
  };
  const findWrite = async (given: ResponseCase): Promise<LoggedCall> => {
    let written: LoggedCall | undefined;
    await withContoso([], async (contoso) => {
      prepare(contoso, given);
      expect(await act(action, given, contoso)).toMatchObject({ ok: true, value: { state: 'requested' } });
      const [write, ...more] = contoso.writes();
      expect(more).toEqual([]);
      written = contoso.simulator.calls().find(({ method, path }) => `${method} ${path}` === write);
    });
    if (written === undefined) throw new Error('it sends no write');
    return written;
  };

  /** A tenant whose next answer to the write, or answers to all reads, are faulty. */
  const withFault = async (
    answer: Fault['answer'],
    test: (contoso: Contoso, given: ResponseCase) => Promise<void>,
    times = 1,
  ): Promise<void> => {
    const given = caseOf(action as Response);
    const { host, method, path } = await writeOf(given);
    await withContoso([], async (contoso) => {
      prepare(contoso, given);
      contoso.simulator.addFault({ host, method, path: exactly(path), times, answer });
      await test(contoso, given);
    });
  };
  const confirm = (given: ResponseCase, output: unknown, contoso: Contoso) =>
    confirmResponse(action, given.input, output, contoso.context(action.name, 'target'));

  it('acts by one write, and proves the effect', () => {
    const given = caseOf(action as Response);
    return withContoso([], async (contoso) => {
      prepare(contoso, given);
      const result = await act(action, given, contoso);
      expect(result, reasonOf(result)).toMatchObject({ ok: true, value: { state: 'requested' } });
      if (!result.ok) return;
      const { output } = result.value;
      expect(await confirm(given, output, contoso)).toMatchObject({
        ok: true,
        value: { state: expect.stringMatching(/^(pending|confirmed)$/) },
      });
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await confirm(given, output, contoso)).toMatchObject({
        ok: true,
        value: { state: 'confirmed' },
      });
      expect(contoso.writes()).toHaveLength(1);
      contoso.change(given.lose);
      expect(await confirm(given, output, contoso)).not.toMatchObject({ value: { state: 'confirmed' } });
      expect(contoso.simulator.unknownCalls()).toEqual([]);
    });
  });

  it.each([0, SETTLED_SECONDS])('sends nothing more if it is called again after %d s', (seconds) => {
    const given = caseOf(action as Response);
    return withContoso([], async (contoso) => {
      prepare(contoso, given);
      expect(await act(action, given, contoso)).toMatchObject({ ok: true });
      contoso.clock.advance(seconds);
      expect(await act(action, given, contoso)).toMatchObject({ ok: true });
      expect(contoso.writes()).toHaveLength(1);
    });
  });

  it('takes the effect of its own interrupted call for its own', () => {
    // What is about the incident itself has no author, and is not undone.
    if (action.target === undefined) return;
    const given = caseOf(action as Response);
    return withContoso([], async (contoso) => {
      prepare(contoso, given);
      const result = await actTwice(action, given, contoso);
      expect(result, OWN_EFFECT).toMatchObject({ ok: true, value: { state: 'requested' } });
      expect(contoso.writes()).toHaveLength(1);
      if (!result.ok || 'irreversible' in action.undo) return;
      contoso.clock.advance(SETTLED_SECONDS);
      const context = contoso.context(action.name, 'target');
      // Without evidence of the author it fails, and an analyst decides.
      const undone = await undoResponse(action, given.input, result.value.output, context);
      expect(undone).not.toMatchObject({ ok: true, value: { state: 'not-ours' } });
    });
  });

  it.each<[string, Fault['answer']]>([
    ['lost', { kind: 'reset', after: 'effect' }],
    ['broken off', { kind: 'half' }],
  ])('finds its own effect if the answer was %s, and does not repeat it', (_what, answer) =>
    withFault(answer, async (contoso, given) => {
      const first = await act(action, given, contoso);
      const result = first.ok ? first : await actAgain(action, given, contoso, first);
      expect(result).toMatchObject({ ok: true, value: { state: 'requested' } });
      expect(contoso.writes()).toHaveLength(1);
      if (!result.ok) return;
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await confirm(given, result.value.output, contoso)).toMatchObject({
        value: { state: 'confirmed' },
      });
    }),
  );

  it('acts at the next attempt if its request was lost', () =>
    withFault({ kind: 'reset', after: 'nothing' }, async (contoso, given) => {
      const first = await act(action, given, contoso);
      expect(first).toMatchObject({ ok: false, error: { retry: 'check-before-retry' } });
      if (first.ok) return;
      expect(await actAgain(action, given, contoso, first)).toMatchObject({
        ok: true,
        value: { state: 'requested' },
      });
      expect(contoso.writes()).toHaveLength(2);
    }));

  it.each<[number, object]>([
    [401, { code: 'unauthorized', retry: 'no' }],
    [403, { code: 'forbidden', retry: 'no' }],
    [404, { code: 'not-found', retry: 'no' }],
    [429, { code: 'throttled', retry: 'later' }],
    [500, { code: 'service-unavailable', retry: 'check-before-retry' }],
    [503, { code: 'service-unavailable', retry: 'check-before-retry' }],
    [504, { code: 'timed-out', retry: 'check-before-retry' }],
  ])('reports a %d, and succeeds once the service accepts the request', (status, error) =>
    withFault({ kind: 'status', status }, async (contoso, given) => {
      const first = await act(action, given, contoso);
      expect(first).toMatchObject({ ok: false, error });
      if (first.ok) return;
      expect(first.error.retryAfterMs).toBeUndefined();
      if (status === 403) {
        for (const { name } of action.permissions) expect(first.error.message).toContain(name);
      }
      expect(contoso.writes()).toHaveLength(1);
      expect(await actAgain(action, given, contoso, first)).toMatchObject({ ok: true });
      expect(contoso.writes()).toHaveLength(2);
    }),
  );

  it.each([409, 412])('reads the state again after a %d, and does not act against it', (status) =>
    withFault({ kind: 'status', status }, async (contoso, given) => {
      const first = await act(action, given, contoso);
      if (first.ok) return;
      expect(first.error).toMatchObject({ retry: 'check-before-retry' });
      expect(contoso.writes()).toHaveLength(1);
    }),
  );

  it('passes on how long the service asks to wait', () =>
    withFault({ kind: 'status', status: 429, retryAfterSeconds: 7 }, async (contoso, given) => {
      expect(await act(action, given, contoso)).toMatchObject({
        ok: false,
        error: { code: 'throttled', retry: 'later', retryAfterMs: 7000 },
      });
    }));

  it('does not know the outcome if the service does not answer in time', () =>
    withFault({ kind: 'hang' }, async (contoso, given) => {
      const deadline = new AbortController();
      const acting = act(action, given, contoso, { deadline: deadline.signal });
      await expect.poll(() => contoso.writes(), { interval: 5, timeout: 10_000 }).toHaveLength(1);
      deadline.abort();
      expect(await acting).toMatchObject({
        ok: false,
        error: { code: 'timed-out', retry: 'check-before-retry' },
      });
    }));

  it('sends nothing, and proves nothing, while the state cannot be read', () => {
    const given = caseOf(action as Response);
    return withContoso([], async (contoso) => {
      prepare(contoso, given);
      const { host } = await writeOf(given);
      const fail = (times: number) =>
        contoso.simulator.addFault({ host, method: 'GET', path: /./, times, answer: { kind: 'garbage' } });
      fail(3);
      expect(await act(action, given, contoso)).toMatchObject({ ok: false });
      expect(contoso.writes()).toEqual([]);
      const result = await act(action, given, contoso);
      if (!result.ok) throw new Error(result.error.message);
      contoso.clock.advance(SETTLED_SECONDS);
      fail(3);
      expect(await confirm(given, result.value.output, contoso)).toMatchObject({ ok: false });
    });
  });

  it('undoes what it did and nothing else, or says that it cannot', () => {
    const given = caseOf(action as Response);
    return withContoso([], async (contoso) => {
      prepare(contoso, given);
      const result = await act(action, given, contoso);
      if (!result.ok) throw new Error(result.error.message);
      const { output } = result.value;
      contoso.clock.advance(SETTLED_SECONDS);
      const context = contoso.context(action.name, 'target');
      const undone = await undoResponse(action, given.input, output, context);
      if ('irreversible' in action.undo) {
        expect(undone).toMatchObject({ ok: false, error: { code: 'irreversible' } });
        expect(contoso.writes()).toHaveLength(1);
        return;
      }
      expect(undone).toMatchObject({ ok: true, value: { state: 'requested' } });
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await confirmUndo(action, given.input, output, context)).toMatchObject({
        ok: true,
        value: { state: 'confirmed' },
      });
      expect(contoso.writes()).toHaveLength(2);
      // The effect no longer exists, so a second undo finds nothing to revert.
      await undoResponse(action, given.input, output, context);
      expect(contoso.writes()).toHaveLength(2);
    });
  });

  it('leaves alone what somebody else did', () => {
    const given = caseOf(action as Response);
    const { doneBySomebodyElse } = given;
    if (typeof doneBySomebodyElse !== 'function') return expect(doneBySomebodyElse.doesNotCount).not.toBe('');
    return withContoso([], async (contoso) => {
      prepare(contoso, given);
      contoso.change(doneBySomebodyElse);
      const result = await act(action, given, contoso);
      expect(result).toMatchObject({
        ok: true,
        value: { state: expect.stringMatching(/^already-(done|in-progress)$/) },
      });
      if (!result.ok || 'irreversible' in action.undo) return expect(contoso.writes()).toEqual([]);
      const context = contoso.context(action.name, 'target');
      const undone = await undoResponse(action, given.input, result.value.output, context);
      if (undone.ok) expect(undone.value.state).toBe('not-ours');
      expect(contoso.writes()).toEqual([]);
    });
  });
});

function exactly(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
