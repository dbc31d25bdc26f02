import { describe, expect, it } from 'vitest';
import type { Permission } from '../../src/actions/define.js';
import { actions } from '../../src/actions/registry.generated.js';
import { runEnrichment, runResponse, undoResponse } from '../../src/actions/run.js';
import { type Contoso, DANA, MACHINE, SHA1, withContoso } from './contoso.js';

/** Inputs that make each action use all that it declares. */
const INPUTS: Readonly<Record<string, unknown>> = {
  'defender.device': { mdeId: MACHINE },
  'defender.vulnerabilities': { mdeId: MACHINE },
  'defender.file': { hashes: [{ algorithm: 'sha1', value: SHA1 }] },
  'entra.user': { objectId: DANA },
  'entra.risk': { upn: 'dana.ortiz@contoso.com' },
  'sentinel.ip-geo': { address: '203.0.113.77' },
  'logs.sign-ins': { objectId: DANA },
  'defender.isolate-device': { machineId: MACHINE, device: 'ws-fin-0142' },
  'defender.release-device': { machineId: MACHINE, device: 'ws-fin-0142' },
  'entra.revoke-sessions': { objectId: DANA, upn: 'dana.ortiz@contoso.com' },
  'entra.disable-user': { objectId: DANA, upn: 'dana.ortiz@contoso.com' },
  'entra.enable-user': { objectId: DANA, upn: 'dana.ortiz@contoso.com' },
  'sentinel.comment': { slot: 'status', message: '<p>x</p>' },
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

/** The state in which the action has something to do. */
async function prepare(contoso: Contoso, name: string): Promise<void> {
  const isolate = actions.find((action) => action.name === 'defender.isolate-device');
  if (name === 'defender.release-device' && isolate?.kind === 'response') {
    await runResponse(isolate, INPUTS['defender.isolate-device'], contoso.context(isolate.name, 'earlier'));
    contoso.clock.advance(100);
  }
  if (name === 'entra.enable-user') {
    contoso.change((state) => {
      for (const user of state.users) user.accountEnabled = false;
    });
  }
}

describe.concurrent.each(actions.map((action) => [action.name, action] as const))('%s', (name, action) => {
  /** Runs it, and takes it back where that can be. */
  const run = async (contoso: Contoso) => {
    const context = contoso.context(name, 'target');
    if (action.kind === 'enrichment') return runEnrichment(action, INPUTS[name], context);
    const first = await runResponse(action, INPUTS[name], context);
    if (!first.ok) return first;
    const prechecked = first.value.state === 'prechecked';
    const ran = prechecked
      ? await runResponse(action, INPUTS[name], { ...context, prechecked: true })
      : first;
    if (!ran.ok || 'irreversible' in action.undo) return ran;
    return undoResponse(action, INPUTS[name], ran.value.output, context);
  };

  it('works with the permissions that it declares and no others', () =>
    withContoso([], async (contoso) => {
      await prepare(contoso, name);
      grant(contoso, action.permissions);
      expect(await run(contoso)).toMatchObject({ ok: true });
    }));

  // The simulated workspace checks the token only, not the role on the workspace.
  const checked = action.permissions.filter(({ name }) => name !== 'Log Analytics Reader');
  it.each(checked.map((permission) => [permission.name, permission] as const))(
    'needs %s',
    (_name, permission) =>
      withContoso([], async (contoso) => {
        await prepare(contoso, name);
        grant(
          contoso,
          action.permissions.filter((one) => one !== permission),
        );
        const result = await run(contoso);
        expect(result).toMatchObject({ ok: false, error: { httpStatus: 403 } });
        expect(!result.ok && result.error.message).toContain(permission.name);
      }),
  );
});
