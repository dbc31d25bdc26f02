import { describe, expect, it } from 'vitest';
import { confirmResponse, runResponse } from '../../src/actions/run.js';
import comment from '../../src/actions/sentinel/comment.js';
import { html } from '../../src/domain/builders/html.js';
import { ARM, ARM_ID, type Contoso, failing, incident, withContoso } from './contoso.js';

const COMMENTS = /\/comments\//i;
const hostile = '<img src=x onerror=alert(1)>';
const input = (text: string, slot = 'status') => ({ slot, message: html`<p>${text}</p>`.text });
const context = (contoso: Contoso, more = {}) => contoso.context(comment.name, incident.key, more);
const puts = (contoso: Contoso) => contoso.writes().filter((write) => write.startsWith('PUT'));

async function run(contoso: Contoso, given: { slot: string; message: string }, more = {}) {
  const result = await runResponse(comment, given, context(contoso, more));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe.concurrent('the comment of an incident', () => {
  it('is written once and rewritten in place', () =>
    withContoso([], async (contoso) => {
      const first = await run(contoso, input('one'));
      expect(first).toMatchObject({ state: 'requested', output: { created: true } });
      expect(await run(contoso, input('one'))).toMatchObject({ state: 'already-done' });
      const second = await run(contoso, input(`two ${hostile}`));
      expect(second.output).toMatchObject({ created: false });
      expect(contoso.state().comments).toHaveLength(1);
      expect(contoso.state().comments[0]?.properties.message).not.toContain('<img');
      expect(await confirmResponse(comment, input('one'), second.output, context(contoso))).toMatchObject({
        value: { state: 'confirmed' },
      });
      expect(await confirmResponse(comment, input('one'), first.output, context(contoso))).toMatchObject({
        value: { state: 'failed' },
      });
      expect(puts(contoso)).toHaveLength(2);
    }));

  it('has an id that follows from the incident, whatever the letter case of its id, and the slot', () =>
    withContoso([], async (contoso) => {
      await run(contoso, input('one'));
      const armId = ARM_ID.replace('/Incidents/', '/incidents/');
      const shouted = { ...incident, origin: { ...incident.origin, armId } } as typeof incident;
      await run(contoso, input('two'), { incident: shouted });
      expect(contoso.state().comments).toHaveLength(1);
      await run(contoso, input('three', 'summary'));
      const names = contoso.state().comments.map(({ name }) => name);
      expect(new Set(names).size).toBe(2);
      for (const name of names)
        expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }));

  it('is written over the version of somebody who was faster', () =>
    withContoso([], async (contoso) => {
      await run(contoso, input('one'));
      contoso.simulator.addFault(failing(ARM, COMMENTS, { kind: 'status', status: 412 }, 'PUT', 1));
      expect(await run(contoso, input('two'))).toMatchObject({ state: 'requested' });
      expect(contoso.state().comments[0]?.properties.message).toBe('<p>two</p>');
    }));

  it('is not written again where only the answer was lost', () =>
    withContoso([failing(ARM, COMMENTS, { kind: 'reset', after: 'effect' }, 'PUT', 1)], async (contoso) => {
      expect(await run(contoso, input('one'))).toMatchObject({ state: 'requested' });
      expect(puts(contoso)).toHaveLength(1);
    }));

  it.each([
    [{ kind: 'reset', after: 'nothing' }, 'check-before-retry'],
    [{ kind: 'status', status: 500 }, 'check-before-retry'],
    [{ kind: 'status', status: 429, retryAfterSeconds: 9 }, 'later'],
    [{ kind: 'status', status: 403 }, 'no'],
    [{ kind: 'status', status: 404 }, 'no'],
  ] as const)('does not repeat by itself after %j', (answer, retry) =>
    withContoso([failing(ARM, COMMENTS, answer, 'PUT', 1)], async (contoso) => {
      expect(await runResponse(comment, input('one'), context(contoso))).toMatchObject({
        ok: false,
        error: { retry },
      });
      expect(puts(contoso)).toHaveLength(1);
    }),
  );

  it('is refused before it is sent where it is too long', () =>
    withContoso([], async (contoso) => {
      const long = { slot: 'status', message: 'x'.repeat(30_001) };
      expect(await runResponse(comment, long, context(contoso))).toMatchObject({
        ok: false,
        error: { code: 'bad-input', place: 'message', retry: 'no' },
      });
      expect(contoso.writes()).toEqual([]);
    }));

  it('has failed where it is gone', () =>
    withContoso([], async (contoso) => {
      const { output } = await run(contoso, input('one'));
      contoso.change((state) => {
        state.comments = [];
      });
      expect(await confirmResponse(comment, input('one'), output, context(contoso))).toMatchObject({
        value: { state: 'failed' },
      });
    }));
});
