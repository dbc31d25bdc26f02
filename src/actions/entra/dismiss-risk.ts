import { defineResponse, irreversible } from '../define.js';
import {
  changeRisk,
  confirmRisk,
  riskChangePermissions,
  riskOutputSchema,
} from './risky-users/risk-change.js';
import { accountTarget } from './users/account-target.js';
import { userInputSchema } from './users/user-resolver.js';

/** Dismisses the risk of a user: policies that depend on it no longer hinder the user. */
export default defineResponse({
  name: 'entra.dismiss-risk',
  title: "Dismiss the user's risk",
  docs: 'https://learn.microsoft.com/graph/api/riskyuser-dismiss',
  entity: 'account',
  input: userInputSchema,
  output: riskOutputSchema,
  permissions: riskChangePermissions,
  quota: 'graph-identity-protection',
  // One of them reads the user.
  calls: 4,
  risk: 'disruptive',
  impact:
    'The user has no risk any more: Conditional Access policies for users at risk no longer protect the account.',
  takesUpTo: '1h',
  idempotent: true,
  captures: ['before'],
  target: accountTarget({
    guests:
      "Identity Protection evaluates the risk of a guest in the guest's home tenant, and only its administrators can dismiss it.",
  }),
  run: (input, ctx) => changeRisk('dismissed', input, ctx),
  confirm: (input, _output, ctx) => confirmRisk('dismissed', input, ctx),
  undo: irreversible(
    'Identity Protection cannot restore the risk that was there before; the user can be confirmed as compromised by a decision of its own.',
  ),
  lasting: { effect: 'user-compromised', does: 'end' },
});
