import { defineResponse, irreversible } from '../define.js';
import {
  changeRisk,
  confirmRisk,
  riskChangePermissions,
  riskOutputSchema,
} from './risky-users/risk-change.js';
import { accountTarget } from './users/account-target.js';
import { userInputSchema } from './users/user-resolver.js';

/** Confirms a user as compromised: the risk becomes high, and policies that depend on it take effect. */
export default defineResponse({
  name: 'entra.confirm-compromised',
  title: 'Confirm the user as compromised',
  docs: 'https://learn.microsoft.com/graph/api/riskyuser-confirmcompromised',
  entity: 'account',
  input: userInputSchema,
  output: riskOutputSchema,
  permissions: riskChangePermissions,
  quota: 'graph-identity-protection',
  // One of them reads the user.
  calls: 4,
  risk: 'disruptive',
  impact:
    "The user's risk becomes high: Conditional Access policies for users at risk block the user, or require a new password.",
  takesUpTo: '1h',
  idempotent: true,
  captures: ['before'],
  target: accountTarget({
    guests:
      "Identity Protection evaluates the risk of a guest in the guest's home tenant. Ask its administrators, or block the guest here.",
  }),
  run: (input, ctx) => changeRisk('compromised', input, ctx),
  confirm: (input, _output, ctx) => confirmRisk('compromised', input, ctx),
  undo: irreversible(
    'Identity Protection cannot restore the risk that was there before; the risk can be dismissed by a decision of its own.',
  ),
  lasting: { effect: 'user-compromised', does: 'begin' },
});
