import { describe, expect, it } from 'vitest';
import type { Permission } from '../../../src/actions/define.js';
import { actions } from '../../../src/actions/registry.generated.js';
import { runEnrichment, undoResponse } from '../../../src/actions/run.js';
import { type Contoso, withContoso } from '../contoso.js';
import { act, reasonOf, refuseUnknownCalls } from './act.js';
import { caseOf, prepare } from './case.js';

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

describe.concurrent.each(actions.map((action) => [action.name, action] as const))('%s', (name, action) => {
  /** Runs it, and undoes it if it can be undone. */
  const run = async (contoso: Contoso) => {
    const context = contoso.context(name, 'target');
    if (action.kind === 'enrichment') {
      const found = await runEnrichment(action, caseOf(action).query, context);
      refuseUnknownCalls(contoso);
      return found;
    }
    const given = caseOf(action);
    const ran = await act(action, given, contoso);
    if (!ran.ok || 'irreversible' in action.undo) return ran;
    return undoResponse(action, given.input, ran.value.output, context);
  };
  const start = (contoso: Contoso) => {
    if (action.kind === 'response') prepare(contoso, caseOf(action));
  };

  it('works with the permissions that it declares and no others', () =>
    withContoso([], async (contoso) => {
      start(contoso);
      grant(contoso, action.permissions);
      const result = await run(contoso);
      expect(result, reasonOf(result)).toMatchObject({ ok: true });
    }));

  // The simulated workspace checks the token only, not the role on the workspace.
  const checked = action.permissions.filter(({ name }) => name !== 'Log Analytics Reader');
  it.each(checked.map((permission) => [permission.name, permission] as const))(
    'needs %s',
    (_name, permission) =>
      withContoso([], async (contoso) => {
        start(contoso);
        grant(
          contoso,
          action.permissions.filter((one) => one !== permission),
        );
        const result = await run(contoso);
        const unneeded = `It is declared and not needed: without ${permission.name} all works.`;
        expect(result, result.ok ? unneeded : reasonOf(result)).toMatchObject({
          ok: false,
          error: { httpStatus: 403 },
        });
        expect(!result.ok && result.error.message).toContain(permission.name);
      }),
  );
});
