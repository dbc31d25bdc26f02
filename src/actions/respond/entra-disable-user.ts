import { defineResponse } from '../define.js';
import {
  accountStateOutputSchema,
  accountStatePermissions,
  confirmAccountEnabled,
  confirmUndoneAccountState,
  setAccountEnabled,
  undoAccountState,
} from '../entra/account-state.js';
import { resolvedUser, userInputSchema } from '../entra/users.js';

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
  risk: 'disruptive',
  impact: 'The user cannot sign in to anything that uses Entra until the account is enabled again.',
  target: resolvedUser,
  run: (input, ctx) => setAccountEnabled(false, input, ctx),
  confirm: (input, _output, ctx) => confirmAccountEnabled(false, input, ctx),
  undo: {
    describe: 'Enables the user again, if the account was enabled before.',
    run: (_input, output, ctx) => undoAccountState(output, ctx),
    confirm: (_input, output, ctx) => confirmUndoneAccountState(output, ctx),
  },
});
