import { defineResponse, irreversible } from '../define.js';
import { methodInputSchema, newMethodTarget } from './authentication-methods/new-methods.js';
import { confirmRemoved, removalOutputSchema, removeMethod } from './authentication-methods/removal.js';
import { rolePermissions } from './roles/roles.js';

/** Removes an authentication method that a user got since the incident began. Each such method is a step of its own. */
export default defineResponse({
  name: 'entra.remove-authentication-method',
  title: 'Remove the new authentication method',
  docs: 'https://learn.microsoft.com/graph/api/authentication-list-methods',
  entity: 'account',
  input: methodInputSchema,
  output: removalOutputSchema,
  permissions: [
    {
      api: 'Microsoft Graph',
      name: 'UserAuthenticationMethod.ReadWrite.All',
      why: "read a user's authentication methods, and remove one",
    },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'find the user' },
    ...rolePermissions,
  ],
  quota: 'graph-directory',
  // The methods are listed for the precheck, and again before the act.
  calls: 3,
  risk: 'destructive',
  impact:
    'No one can prove to be the user with this method. If it was the last one, who signs in next with the password may have to register another: revoke the sessions and require a new password, too.',
  takesUpTo: '15m',
  // The second request is refused.
  idempotent: true,
  captures: ['before'],
  target: newMethodTarget,
  run: removeMethod,
  confirm: (input, _output, ctx) => confirmRemoved(input, ctx),
  undo: irreversible('A removed authentication method cannot be restored; the user registers it again.'),
});
