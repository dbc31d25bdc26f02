import { defineResponse } from '../define.js';
import {
  accountStateOutputSchema,
  accountStatePermissions,
  confirmAccountEnabled,
  setAccountEnabled,
} from './accounts/account-state.js';
import { undoAccountState } from './accounts/account-undo.js';
import { accountTarget } from './users/account-target.js';
import { userInputSchema } from './users/user-resolver.js';

/** Disables a user: no new sign-in anywhere. */
export default defineResponse({
  name: 'entra.disable-user',
  title: 'Disable the user',
  docs: 'https://learn.microsoft.com/graph/api/user-update',
  entity: 'account',
  input: userInputSchema,
  output: accountStateOutputSchema,
  permissions: accountStatePermissions,
  quota: 'graph-directory',
  // Two to see whether the user is an administrator.
  calls: 5,
  risk: 'disruptive',
  impact: 'The user cannot sign in to anything that uses Entra until the account is enabled again.',
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: accountTarget({
    synced:
      'The account comes from an on-premises directory, and its next synchronisation would enable it again. Disable it on premises.',
    administrators: 'Disable the account by hand.',
  }),
  run: (input, ctx) => setAccountEnabled(false, input, ctx),
  confirm: (input, _output, ctx) => confirmAccountEnabled(false, input, ctx),
  undo: {
    describe:
      'Enables the user again, if the audit log of Entra shows that the responder disabled the account last and no other incident relies on it.',
    run: (_input, output, ctx, others) => undoAccountState(false, output, ctx, others),
    confirm: (input, _output, ctx) => confirmAccountEnabled(true, input, ctx),
  },
  lasting: { effect: 'account-disabled', does: 'begin' },
});
