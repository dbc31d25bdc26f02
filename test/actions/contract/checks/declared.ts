/** What an action declares is true of what it does. */
import { expect } from 'vitest';
import type { z } from 'zod';
import type { ActionResult } from '../../../../src/actions/call.js';
import type { Enrichment, Permission, Response } from '../../../../src/actions/define.js';
import {
  confirmResponse,
  confirmUndo,
  resolveTarget,
  runEnrichment,
  runResponse,
  undoResponse,
} from '../../../../src/actions/run.js';
import { apis } from '../../../../src/actions/services.js';
import { type Contoso, withContoso } from '../../contoso.js';
import { act, actNow, inTenant, queryOf, refuseUnknownCalls, SETTLED_SECONDS, withSettings } from '../act.js';
import type { EnrichmentCase, ResponseCase } from '../case.js';
import type { EnrichmentCheck, ResponseCheck } from './check.js';

const BAD_INPUT = 'bad input is refused with its place, before any call';
const ENOUGH = 'the permissions that it declares are enough, also to find the record';
const NEEDED = 'it needs each of them: without one it fails with a 403 that names it';

export const callsOf = (contoso: Contoso): number =>
  contoso.simulator.calls().filter(({ host }) => Object.values(apis).some((api) => api.host === host)).length;

/** Each property with a value that it cannot have. */
async function refuseBad(
  schema: z.ZodType,
  good: object,
  run: (bad: object) => Promise<ActionResult<unknown>>,
): Promise<void> {
  expect(schema.safeParse(good).success).toBe(true);
  for (const property of Object.keys(good)) {
    const bad = { ...good, [property]: { not: 'a value' } };
    expect(schema.safeParse(bad).success).toBe(false);
    expect(await run(bad)).toMatchObject({
      ok: false,
      error: { code: 'bad-input', place: expect.stringContaining(property) },
    });
  }
}

const responseInput: ResponseCheck = {
  name: 'input',
  promise: BAD_INPUT,
  run: (action, given) =>
    inTenant(action, given, async (contoso, { input }) => {
      const before = callsOf(contoso);
      const context = contoso.context(action.name, 'target');
      await refuseBad(action.input, Object(input), (bad) => runResponse(action, bad, context));
      if (action.target) {
        const { query } = action.target.resolver;
        await refuseBad(query, queryOf(action, given), (bad) => resolveTarget(action, bad, context));
      }
      expect(callsOf(contoso)).toBe(before);
    }),
};

const enrichmentInput: EnrichmentCheck = {
  name: 'input',
  promise: BAD_INPUT,
  run: (action, given) =>
    withContoso([], async (contoso) => {
      const context = contoso.context(action.name, 'target');
      const { query } = action.resolver;
      await refuseBad(query, queryOf(action, given), (bad) => runEnrichment(action, bad, context));
      expect(callsOf(contoso)).toBe(0);
    }),
};

const KEYS = {
  'Microsoft Graph': 'graph',
  WindowsDefenderATP: 'defender',
  'Log Analytics API': 'logAnalytics',
  'Azure RBAC': 'azure',
} as const;

function grant(contoso: Contoso, permissions: readonly Permission[]): void {
  contoso.change((state) => {
    state.app.permissions = { graph: [], defender: [], logAnalytics: [], azure: [] };
    for (const { api, name } of permissions) state.app.permissions[KEYS[api]].push(name);
  });
}

/** Everything that needs a permission: finding the record, the act, reading back, the undo, reading that back. */
async function wholeWay(
  action: Response,
  given: ResponseCase,
  contoso: Contoso,
): Promise<ActionResult<unknown>> {
  const context = contoso.context(action.name, 'target');
  let approved: Parameters<typeof act>[1] = { input: given.input };
  if (action.target) {
    const found = await resolveTarget(action, queryOf(action, given), context);
    if (!found.ok || !found.value.ok) return found;
    approved = { ...found.value, input: withSettings(found.value.input, given) };
  }
  const { input } = approved;
  const ran = await act(action, approved, contoso);
  if (!ran.ok) return ran;
  const { output } = ran.value;
  contoso.clock.advance(SETTLED_SECONDS);
  const read = await confirmResponse(action, input, output, context);
  if (!read.ok || 'irreversible' in action.undo) return read;
  const undone = await undoResponse(action, input, output, context);
  if (!undone.ok) return undone;
  return confirmUndo(action, input, output, context);
}

// The simulated workspace checks the token only, not the role on the workspace.
const isChecked = ({ name }: Permission): boolean => name !== 'Log Analytics Reader';

/** Runs with these permissions alone. */
type RunWith = (permissions: readonly Permission[]) => Promise<ActionResult<unknown>>;

async function enough({ permissions }: Enrichment | Response, runWith: RunWith): Promise<void> {
  const result = await runWith(permissions);
  expect(result, result.ok ? '' : result.error.message).toMatchObject({ ok: true });
}

async function needed({ permissions }: Enrichment | Response, runWith: RunWith): Promise<void> {
  for (const permission of permissions.filter(isChecked)) {
    const result = await runWith(permissions.filter((one) => one !== permission));
    const unneeded = `It is declared and not needed: without ${permission.name} all works.`;
    expect(result, result.ok ? unneeded : result.error.message).toMatchObject({
      ok: false,
      error: { httpStatus: 403, message: expect.stringContaining(permission.name) },
    });
  }
}

const withGranted =
  (action: Response, given: ResponseCase): RunWith =>
  async (permissions) => {
    const results: ActionResult<unknown>[] = [];
    await withContoso([], async (contoso) => {
      if (given.prepare !== undefined) contoso.change(given.prepare);
      grant(contoso, permissions);
      results.push(await wholeWay(action, given, contoso));
      refuseUnknownCalls(contoso);
    });
    return results[0] as ActionResult<unknown>;
  };

const readWith =
  (action: Enrichment, given: EnrichmentCase): RunWith =>
  async (permissions) => {
    const results: ActionResult<unknown>[] = [];
    await withContoso([], async (contoso) => {
      grant(contoso, permissions);
      const context = contoso.context(action.name, 'target');
      results.push(await runEnrichment(action, queryOf(action, given), context));
      refuseUnknownCalls(contoso);
    });
    return results[0] as ActionResult<unknown>;
  };

const calls: ResponseCheck = {
  name: 'calls',
  promise: 'it makes as many calls as it declares, and captures what it declares',
  run: (action, given) =>
    inTenant(action, given, async (contoso, { input }) => {
      const before = callsOf(contoso);
      const { output } = await actNow(action, { input }, contoso);
      expect(callsOf(contoso) - before).toBe(action.calls);
      for (const captured of action.captures) expect(output).toHaveProperty(captured);
    }),
};

const enrichmentCalls: EnrichmentCheck = {
  name: 'calls',
  promise: 'it makes as many calls as it declares, after those that find its record, and sends no write',
  run: (action, given) =>
    withContoso([], async (contoso) => {
      const context = contoso.context(action.name, 'target');
      const query = queryOf(action, given);
      const signal = AbortSignal.timeout(30_000);
      await action.resolver.resolve(action.resolver.query.parse(query), { ...context, signal });
      const found = callsOf(contoso);
      const before = JSON.stringify(contoso.state());
      expect(await runEnrichment(action, query, context)).toMatchObject({ ok: true });
      expect(callsOf(contoso) - 2 * found).toBe(action.calls);
      expect(contoso.writes()).toEqual([]);
      expect(JSON.stringify(contoso.state())).toBe(before);
    }),
};

export const declaredChecks: readonly ResponseCheck[] = [
  responseInput,
  {
    name: 'permissions',
    promise: `${ENOUGH}, to read back and to undo`,
    run: (action, given) => enough(action, withGranted(action, given)),
  },
  { name: 'needed', promise: NEEDED, run: (action, given) => needed(action, withGranted(action, given)) },
  calls,
];

export const declaredEnrichmentChecks: readonly EnrichmentCheck[] = [
  enrichmentInput,
  { name: 'permissions', promise: ENOUGH, run: (action, given) => enough(action, readWith(action, given)) },
  { name: 'needed', promise: NEEDED, run: (action, given) => needed(action, readWith(action, given)) },
  enrichmentCalls,
];
