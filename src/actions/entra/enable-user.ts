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

/** Enables a user again. */
export default defineResponse({
  name: 'entra.enable-user',
  title: 'Enable the user',
  docs: 'https://learn.microsoft.com/graph/api/user-update',
  entity: 'account',
  input: userInputSchema,
  output: accountStateOutputSchema,
  permissions: accountStatePermissions,
  quota: 'graph-directory',
  // Two to see whether the user is an administrator.
  calls: 5,
  risk: 'disruptive',
  impact: 'The user can sign in again, and so can anyone else who has their credentials.',
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: accountTarget({
    synced:
      'The account comes from an on-premises directory, and its next synchronisation would disable it again. Enable it on premises.',
    administrators: 'Enable the account by hand.',
  }),
  run: (input, ctx) => setAccountEnabled(true, input, ctx),
  confirm: (input, _output, ctx) => confirmAccountEnabled(true, input, ctx),
  undo: {
    describe:
      'Disables the user again, if the audit log of Entra shows that the responder enabled the account last.',
    run: (_input, output, ctx, others) => undoAccountState(true, output, ctx, others),
    confirm: (input, _output, ctx) => confirmAccountEnabled(false, input, ctx),
  },
  lasting: { effect: 'account-disabled', does: 'end' },
});
