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

/** Adds a user to the group that Conditional Access keeps out: softer than disabling, and for guests, too. */
export default defineResponse({
  name: 'entra.add-to-quarantine-group',
  title: 'Add the user to the quarantine group',
  docs: 'https://learn.microsoft.com/graph/api/group-post-members',
  entity: 'account',
  input: membershipInputSchema,
  output: membershipOutputSchema,
  permissions: membershipPermissions,
  quota: 'graph-directory',
  calls: 5,
  risk: 'disruptive',
  impact:
    'What the policies about the quarantine group (QUARANTINE_GROUP) say holds for the user, e.g. no sign-in. Without such a policy, nothing changes.',
  takesUpTo: '15m',
  // The second request is refused.
  idempotent: true,
  captures: ['before'],
  target: membershipTarget,
  run: (input, ctx) => setMembership(true, input, ctx),
  confirm: (input, _output, ctx) => confirmMembership(true, input, ctx),
  undo: {
    describe:
      'Removes the user from the group, if the responder added them and no other incident relies on it.',
    run: (input, output, ctx, others) => undoMembership(true, input, output, ctx, others),
    confirm: (input, _output, ctx) => confirmMembership(false, input, ctx),
  },
  lasting: { effect: 'quarantine', does: 'begin', key: membershipKey },
});
