/** Which users a response on an account leaves to people: known before anyone is asked, and checked again before the act. */
import { describe, expect, it } from 'vitest';
import type { Response } from '../../src/actions/define.js';
import { responses } from '../../src/actions/registry.generated.js';
import { resolveTarget, runResponse } from '../../src/actions/run.js';
import { ADMIN, type Contoso, DANA, GUEST, SYNCED, withContoso } from './contoso.js';

const ROLE_GROUP = '00000000-0000-4000-8000-00000000b301';
const DIRECTORY_READERS = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';

/** Which users a response leaves to people, with words of the reason. */
interface Left {
  readonly synced?: RegExp;
  readonly guest?: RegExp;
  readonly administrator?: RegExp;
}
const LEFT: Readonly<Record<string, Left>> = {
  'entra.add-to-quarantine-group': {},
  'entra.remove-from-quarantine-group': {},
  'entra.confirm-compromised': { guest: /home tenant/ },
  'entra.dismiss-risk': { guest: /home tenant/ },
  'entra.force-password-change': {
    synced: /Reset it on premises/,
    guest: /home tenant/,
    administrator: /Reset the password by hand/,
  },
  'entra.disable-user': {
    synced: /next synchronisation would enable it again\. Disable it on premises/,
    administrator: /Disable the account by hand/,
  },
  'entra.enable-user': {
    synced: /next synchronisation would disable it again\. Enable it on premises/,
    administrator: /Enable the account by hand/,
  },
  'entra.remove-authentication-method': { administrator: /Remove the authentication method by hand/ },
  'entra.revoke-sessions': { guest: /has no effect.*home tenant/ },
};
const byName: readonly (readonly [string, Response])[] = responses
  .filter(({ target }) => target?.resolver.kind === 'entra.user')
  .map((action) => [action.name, action as unknown as Response]);

type Change = (contoso: Contoso) => void;
const change =
  (id: string, more: object): Change =>
  ({ change }) =>
    change(({ users }) => Object.assign(users.find((user) => user.id === id) ?? {}, more));
const nothing: Change = () => {};
const intoRoleGroup: Change = ({ change }) =>
  change(({ groups }) => {
    const more = { isAssignableToRole: true, members: [DANA] };
    groups.push({ id: ROLE_GROUP, displayName: 'Tier 0', ...more });
  });
const withRole = (id: string, displayName: string) =>
  change(DANA, { directoryRoles: [{ id, displayName, isBuiltIn: true }] });
const deleted: Change = ({ change }) =>
  change((state) => {
    state.users = state.users.filter(({ id }) => id !== DANA);
  });

const resolve = (action: Response, objectId: string, contoso: Contoso) =>
  resolveTarget(action, { objectId }, contoso.context(action.name, objectId));

it('has an answer for each response on an account', () => {
  expect(Object.keys(LEFT).sort()).toEqual(byName.map(([name]) => name).sort());
});

describe.concurrent.each(byName)('%s', (name, action) => {
  const left = LEFT[name] ?? {};
  it.each<[string, string, Change, RegExp | undefined]>([
    ['a member', DANA, nothing, undefined],
    ['a synced account', SYNCED, nothing, left.synced],
    ['a guest', GUEST, nothing, left.guest],
    ['an external member', DANA, change(DANA, { userType: 'guest' }), left.guest],
    ['an administrator', ADMIN, nothing, left.administrator],
    ['a member of a role-assignable group', DANA, intoRoleGroup, left.administrator],
    ['a reader of the directory', DANA, withRole(DIRECTORY_READERS, 'Directory Readers'), undefined],
  ])('accepts or leaves to people: %s', (_what, objectId, change, reason) =>
    withContoso([], async (contoso) => {
      change(contoso);
      const found = await resolve(action, objectId, contoso);
      if (reason === undefined) return expect(found).toMatchObject({ value: { ok: true } });
      expect(found).toMatchObject({
        value: { ok: false, code: 'unsupported-target', reason: expect.stringMatching(reason) },
      });
    }),
  );

  it('does not know a deleted user', () =>
    withContoso([], async (contoso) => {
      deleted(contoso);
      expect(await resolve(action, DANA, contoso)).toMatchObject({ value: { ok: false, code: 'not-found' } });
    }));

  it.each<[string, Change, boolean]>([
    ['was synced', change(DANA, { onPremisesSyncEnabled: true }), left.synced !== undefined],
    ['became a guest', change(DANA, { userType: 'Guest' }), left.guest !== undefined],
    ['became an administrator', withRole('role', 'User Administrator'), left.administrator !== undefined],
    ['joined a role-assignable group', intoRoleGroup, left.administrator !== undefined],
    ['was deleted', deleted, true],
  ])('does nothing to a user who %s after the approval', (_what, change, isRefused) =>
    withContoso([], async (contoso) => {
      if (!isRefused) return;
      const found = await resolve(action, DANA, contoso);
      if (!found.ok || !found.value.ok) throw new Error('it is accepted');
      const { record, input } = found.value;
      change(contoso);
      const context = { ...contoso.context(name, DANA), record };
      expect(await runResponse(action, input, context)).toMatchObject({
        ok: false,
        error: { code: 'target-changed' },
      });
      expect(contoso.writes()).toEqual([]);
    }),
  );

  it('does not guess where the directory does not say who is an administrator', () =>
    withContoso([], async (contoso) => {
      if (left.administrator === undefined) return;
      contoso.change(({ app }) => {
        const hidden = ['RoleManagement.Read.Directory'];
        app.permissions.graph = app.permissions.graph.filter((one) => !hidden.includes(one));
      });
      expect(await resolve(action, DANA, contoso)).toMatchObject({
        ok: false,
        error: { httpStatus: 403, message: expect.stringContaining('RoleManagement.Read.Directory') },
      });
    }));
});
