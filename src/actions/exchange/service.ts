import { defineService } from '../service.js';

/** Exchange Online: mailboxes of users, through Microsoft Graph. */
export default defineService({
  title: 'Exchange Online',
  docs: 'https://learn.microsoft.com/graph/api/resources/mail-api-overview',
  apis: {},
  permissions: {
    'Microsoft Graph': ['Domain.Read.All', 'MailboxSettings.Read', 'MailboxSettings.ReadWrite'],
  },
  quotas: {
    // Of one app and mailbox; four calls at a time.
    'graph-outlook': {
      docs: 'https://learn.microsoft.com/graph/throttling-limits',
      limits: [{ amount: 10_000, unit: 'calls', seconds: 600 }],
    },
  },
});
