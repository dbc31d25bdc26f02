import { defineResponse } from '../define.js';
import {
  confirmMembership,
  membershipInputSchema,
  membershipKey,
  membershipOutputSchema,
  membershipPermissions,
  membershipTarget,
  setMembership,
  undoMembership,
} from './quarantine/membership.js';

/** Removes a user from the group that Conditional Access keeps out. */
export default defineResponse({
  name: 'entra.remove-from-quarantine-group',
  title: 'Remove the user from the quarantine group',
  docs: 'https://learn.microsoft.com/graph/api/group-delete-members',
  entity: 'account',
  input: membershipInputSchema,
  output: membershipOutputSchema,
  permissions: membershipPermissions,
  quota: 'graph-directory',
  calls: 5,
  risk: 'disruptive',
  impact:
    'The policies about the quarantine group (QUARANTINE_GROUP) no longer hold the user back, nor anyone else with their credentials.',
  takesUpTo: '15m',
  // The second request is refused.
  idempotent: true,
  captures: ['before'],
  target: membershipTarget,
  run: (input, ctx) => setMembership(false, input, ctx),
  confirm: (input, _output, ctx) => confirmMembership(false, input, ctx),
  undo: {
    describe: 'Adds the user to the group again, if the responder removed them.',
    run: (input, output, ctx, others) => undoMembership(false, input, output, ctx, others),
    confirm: (input, _output, ctx) => confirmMembership(true, input, ctx),
  },
  lasting: { effect: 'quarantine', does: 'end', key: membershipKey },
});
