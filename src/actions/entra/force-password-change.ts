import { defineResponse } from '../define.js';
import {
  confirmForced,
  confirmNotForced,
  forceChange,
  forcedChangeOutputSchema,
  undoForced,
} from './passwords/forced-change.js';
import { rolePermissions } from './roles/roles.js';
import { accountTarget } from './users/account-target.js';
import { userInputSchema } from './users/user-resolver.js';

/** Requires a new password at the next sign-in with a password. */
export default defineResponse({
  name: 'entra.force-password-change',
  title: 'Require a new password at the next sign-in',
  docs: 'https://learn.microsoft.com/graph/api/user-update',
  entity: 'account',
  input: userInputSchema,
  output: forcedChangeOutputSchema,
  permissions: [
    { api: 'Microsoft Graph', name: 'User-PasswordProfile.ReadWrite.All', why: 'require a new password' },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'read whether the user must change the password' },
    ...rolePermissions,
  ],
  quota: 'graph-directory',
  // Two to see whether the user is an administrator.
  calls: 5,
  risk: 'disruptive',
  impact:
    'Who signs in next with the current password must set a new one, also an attacker who has it: revoke the sessions, too, and see that a second factor is required. Sessions that exist go on.',
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: accountTarget({
    guests:
      "The password of a guest belongs to the guest's home tenant: ask its administrators to have it changed.",
    synced:
      'The password comes from an on-premises directory, and it is unknown whether a new one would reach it. Reset it on premises.',
    administrators: 'Reset the password by hand.',
  }),
  run: forceChange,
  confirm: confirmForced,
  undo: {
    describe:
      'The user need not change the password any more, if the responder required it and no one has set it since.',
    run: (_input, output, ctx, others) => undoForced(output, ctx, others),
    confirm: (input, _output, ctx) => confirmNotForced(input, ctx),
  },
  lasting: { effect: 'password-change', does: 'begin' },
});
