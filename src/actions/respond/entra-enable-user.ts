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
  risk: 'disruptive',
  impact: 'The user can sign in again, and so can whoever else has their credentials.',
  target: resolvedUser,
  run: (input, ctx) => setAccountEnabled(true, input, ctx),
  confirm: (input, _output, ctx) => confirmAccountEnabled(true, input, ctx),
  undo: {
    describe: 'Disables the user again, if the account was disabled before.',
    run: (_input, output, ctx) => undoAccountState(output, ctx),
    confirm: (_input, output, ctx) => confirmUndoneAccountState(output, ctx),
  },
});
