import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEnrichment, defineResponse, irreversible, type Resolver } from '../../src/actions/define.js';
import { confirmResponse, idempotencyKeyOf, runEnrichment, runResponse } from '../../src/actions/run.js';
import type { Clients } from '../../src/actions/services.js';
import { ResponderError } from '../../src/domain/errors.js';
import type { TargetRecord } from '../../src/domain/target.js';
import { incident } from './contoso.js';

const record: TargetRecord = {
  kind: 'defender.machine',
  id: '1',
  name: 'one',
  foundBy: 'defender-id',
  certainty: 'certain',
  ids: {},
  agreed: [],
  unchecked: [],
};
const declaration = {
  name: 'toy.action',
  title: 'Toy',
  docs: 'https://learn.microsoft.com/toy',
  entity: 'host',
  output: z.object({ n: z.number() }),
  permissions: [{ api: 'Microsoft Graph', name: 'User.Read.All', why: 'play' }],
  quota: 'graph-directory',
  calls: 1,
} as const;
const input = z.object({ n: z.number() });
const resolver: Resolver<'host', { n: number }, { n: number }> = {
  kind: 'defender.machine',
  query: input,
  identify: () => ({ ok: true, input: { n: 1 } }),
  resolve: (found) => Promise.resolve({ ok: true, found, record }),
  read: () => Promise.resolve({ ok: true, found: { n: 1 }, record }),
};
const context = {
  clients: {} as Clients,
  clock: { now: () => 0 },
  incident,
  tenantId: undefined,
  containment: {},
  idempotencyKey: idempotencyKeyOf(incident.key, 'toy.action', 'host:1'),
  decidedAt: 0,
  outcomeUnknown: false,
  prechecked: false,
};
const toy = (run: () => Promise<{ n: number }>) => defineEnrichment({ ...declaration, resolver, run });

describe('calling an action', () => {
  it('checks the input', async () => {
    const result = await runEnrichment(
      toy(async () => ({ n: 1 })),
      { n: 'one' },
      context,
    );
    expect(result).toMatchObject({ ok: false, error: { code: 'bad-input', fault: 'caller', place: 'n' } });
  });

  it('checks the output, and drops undeclared properties', async () => {
    const wrong = toy(async () => ({ n: 'one' }) as unknown as { n: number });
    expect(await runEnrichment(wrong, { n: 1 }, context)).toMatchObject({
      ok: false,
      error: { code: 'bad-output', fault: 'responder' },
    });
    const more = toy(async () => ({ n: 1, secret: 'x' }));
    expect(await runEnrichment(more, { n: 1 }, context)).toMatchObject({ ok: true, value: { n: 1 } });
    expect(JSON.stringify(await runEnrichment(more, { n: 1 }, context))).not.toContain('secret');
  });

  it('converts any thrown value to an error value', async () => {
    for (const thrown of [new Error('boom'), 'boom', null, undefined]) {
      const result = await runEnrichment(
        toy(() => Promise.reject(thrown)),
        { n: 1 },
        context,
      );
      expect(result).toMatchObject({ ok: false, error: { code: 'unexpected', retry: 'no' } });
    }
  });

  it('ends the wait for an action that ignores the signal', async () => {
    const deaf = toy(() => new Promise(() => {}));
    let result: unknown;
    void runEnrichment(deaf, { n: 1 }, { ...context, deadlineMs: 20 }).then((envelope) => {
      result = envelope;
    });
    await expect
      .poll(() => result, { timeout: 10_000 })
      .toMatchObject({ ok: false, error: { code: 'timed-out', retry: 'later' } });
  });

  it('adds the declared permissions where the service refuses', async () => {
    const refused = toy(() =>
      Promise.reject(
        new ResponderError({
          code: 'forbidden',
          message: 'No.',
          fault: 'responder',
          retry: 'no',
          httpStatus: 403,
        }),
      ),
    );
    expect(await runEnrichment(refused, { n: 1 }, context)).toMatchObject({
      error: { message: expect.stringContaining('User.Read.All (Microsoft Graph)') },
    });
  });

  it('prevents an endless precheck loop of a response', async () => {
    const looking = defineResponse({
      ...declaration,
      input,
      risk: 'safe',
      impact: 'None.',
      takesUpTo: '1m',
      idempotent: true,
      captures: [],
      run: async () => ({ state: 'prechecked', evidence: {} }),
      confirm: async () => ({ state: 'pending', status: 'waiting' }),
      undo: irreversible('It is a toy.'),
    });
    expect(await runResponse(looking, { n: 1 }, context)).toMatchObject({ value: { state: 'prechecked' } });
    expect(await runResponse(looking, { n: 1 }, { ...context, prechecked: true })).toMatchObject({
      ok: false,
      error: { code: 'prechecked-twice', fault: 'responder', retry: 'no' },
    });
  });

  it('reports an unknown outcome for a response that timed out', async () => {
    const deaf = defineResponse({
      ...declaration,
      input,
      risk: 'safe',
      impact: 'None.',
      takesUpTo: '1m',
      idempotent: true,
      captures: [],
      run: () => new Promise<never>(() => {}),
      confirm: async () => ({ state: 'pending', status: 'waiting' }),
      undo: irreversible('It is a toy.'),
    });
    expect(await runResponse(deaf, { n: 1 }, { ...context, deadlineMs: 20 })).toMatchObject({
      ok: false,
      error: { code: 'timed-out', retry: 'check-before-retry' },
    });
    expect(await confirmResponse(deaf, { n: 1 }, { n: 'x' }, context)).toMatchObject({
      ok: false,
      error: { code: 'bad-output' },
    });
  });
});
