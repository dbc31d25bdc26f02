import { defineResponse } from '../define.js';
import {
  confirmRemoved,
  emailInputSchema,
  emailOutputSchema,
  emailTarget,
  remediationPermissions,
  removeEmail,
  TAKES_UP_TO,
} from './emails/remediation.js';
import { confirmRestored, restoreEmail } from './emails/remediation-undo.js';

/** Removes a message from the mailboxes of all its recipients: a soft delete, which can be undone. */
export default defineResponse({
  name: 'xdr.remediate-email',
  title: 'Remove the message from all mailboxes',
  docs: 'https://learn.microsoft.com/graph/api/security-analyzedemail-remediate',
  entity: 'mailMessage',
  input: emailInputSchema,
  output: emailOutputSchema,
  permissions: remediationPermissions,
  quota: 'xdr-hunting',
  // One of them removes it.
  calls: 3,
  risk: 'disruptive',
  impact:
    'No recipient finds the message any more, also not the one who reported it. It is kept among the recoverable items, and copies outside the organisation stay.',
  takesUpTo: TAKES_UP_TO,
  idempotent: true,
  captures: ['before'],
  target: emailTarget,
  run: removeEmail,
  confirm: (input, _output, ctx) => confirmRemoved(input, ctx),
  undo: {
    describe:
      'Moves back what the responder removed: to the junk folder or the deleted items if it was there, otherwise to the inbox. What someone removed otherwise since is left so.',
    run: restoreEmail,
    confirm: confirmRestored,
  },
  lasting: { effect: 'email-removed', does: 'begin' },
});
