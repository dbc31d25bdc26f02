/** What every action declares is true of what it does. An action is tested by having a case. */
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { CallContext } from '../../../src/actions/call.js';
import { actions, enrichments, responses } from '../../../src/actions/registry.generated.js';
import {
  confirmResponse,
  confirmUndo,
  runEnrichment,
  runResponse,
  undoResponse,
} from '../../../src/actions/run.js';
import { apis } from '../../../src/actions/services.js';
import { createDryRunClients } from '../../../src/connectors/index.js';
import { type Contoso, TENANT, withContoso } from '../contoso.js';
import { act, SETTLED_SECONDS } from './act.js';
import { caseOf, prepare } from './case.js';

/** What services keep of what was done permanently: an undo does not remove it. */
const RECORDS = ['machineActions', 'directoryAudits', 'investigations'] as const;
const SECRET = 'made-up-secret';
const CONFIRMED = { ok: true, value: { state: 'confirmed' } };

/** Everything in the tenant that an undo restores, as text. */
function stateOf(contoso: Contoso): string {
  const state: Record<string, unknown> = { ...contoso.state() };
  for (const name of RECORDS) delete state[name];
  return JSON.stringify(state, undefined, 1);
}

const callsOf = (contoso: Contoso): number =>
  contoso.simulator.calls().filter(({ host }) => Object.values(apis).some((api) => api.host === host)).length;

describe.each(actions.map((action) => [action.name, action] as const))('%s', (name, action) => {
  it('refuses bad input, with the place', () =>
    withContoso([], async (contoso) => {
      const good = action.kind === 'response' ? caseOf(action).input : caseOf(action).query;
      const schema: z.ZodType = action.kind === 'response' ? action.input : action.resolver.query;
      const context = contoso.context(name, 'target');
      for (const property of Object.keys(good)) {
        const bad = { ...good, [property]: { not: 'a value' } };
        expect(schema.safeParse(bad).success).toBe(false);
        const result =
          action.kind === 'response'
            ? await runResponse(action, bad, context)
            : await runEnrichment(action, bad, context);
        expect(result).toMatchObject({
          ok: false,
          error: { code: 'bad-input', place: expect.stringContaining(property) },
        });
      }
      expect(callsOf(contoso)).toBe(0);
    }));
});

describe.each(enrichments.map((action) => [action.name, action] as const))('%s', (name, action) => {
  it('makes as many calls as it declares, after those that find its record', () =>
    withContoso([], async (contoso) => {
      const { query } = caseOf(action);
      const context: CallContext = contoso.context(name, 'target');
      await action.resolver.resolve(action.resolver.query.parse(query), {
        ...context,
        signal: AbortSignal.timeout(30_000),
      });
      const found = callsOf(contoso);
      expect(await runEnrichment(action, query, context)).toMatchObject({ ok: true });
      expect(callsOf(contoso) - 2 * found).toBe(action.calls);
    }));
});

describe.each(responses.map((action) => [action.name, action] as const))('%s', (name, action) => {
  it('makes as many calls as it declares, and captures what it declares', () =>
    withContoso([], async (contoso) => {
      const given = caseOf(action);
      prepare(contoso, given);
      const result = await act(action, given, contoso);
      if (!result.ok) throw new Error(result.error.message);
      expect(callsOf(contoso)).toBe(action.calls);
      for (const captured of action.captures) expect(result.value.output).toHaveProperty(captured);
    }));

  it('writes nothing in a dry run, and returns the request that it would send', () =>
    withContoso([], async (contoso) => {
      const given = caseOf(action);
      prepare(contoso, given);
      const before = JSON.stringify(contoso.state());
      const config = {
        ...{ tenantId: TENANT, clientId: contoso.state().app.clientId, clientSecret: SECRET },
        simulatedTenantUrl: contoso.simulator.url,
      };
      const { clients, requests } = createDryRunClients(apis, config, { clock: contoso.clock });
      expect(await act(action, given, contoso, { clients })).toMatchObject({
        ok: false,
        error: { code: 'dry-run' },
      });
      expect(contoso.writes()).toEqual([]);
      expect(JSON.stringify(contoso.state())).toBe(before);
      const result = await act(action, given, contoso);
      expect(JSON.stringify([requests, result])).not.toMatch(/made-up-secret|Bearer |eyJ/);
      expect(requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual(
        contoso.writes(),
      );
    }));

  if ('irreversible' in action.undo) return;
  it('leaves the tenant as it was after an undo', () =>
    withContoso([], async (contoso) => {
      const given = caseOf(action);
      prepare(contoso, given);
      const before = stateOf(contoso);
      const result = await act(action, given, contoso);
      if (!result.ok) throw new Error(result.error.message);
      const { output } = result.value;
      const context = contoso.context(name, 'target');
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await confirmResponse(action, given.input, output, context)).toMatchObject(CONFIRMED);
      expect(stateOf(contoso)).not.toBe(before);
      expect(await undoResponse(action, given.input, output, context)).toMatchObject({ ok: true });
      contoso.clock.advance(SETTLED_SECONDS);
      expect(await confirmUndo(action, given.input, output, context)).toMatchObject(CONFIRMED);
      expect(stateOf(contoso)).toBe(before);
    }));
});
