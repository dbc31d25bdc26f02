/** The mail of that tenant: a message with three recipients, and a mailbox with two rules. */

export const MESSAGE = '00000000-0000-4000-8000-00000000f001';
export const RULE = 'AQAAAJ5dZqA=';

const email = (recipientEmailAddress: string, deliveryLocation = 'Inbox/folder') => ({
  networkMessageId: MESSAGE,
  internetMessageId: '<invoice-7@fabrikam.com>',
  recipientEmailAddress,
  timestamp: '2026-03-10T08:01:00Z',
  subject: 'Invoice 7',
  senderFromAddress: 'eve@fabrikam.com',
  threatTypes: 'Phish',
  deliveryLocation,
  location: deliveryLocation,
});
const recipient = (address: string) => ({ emailAddress: { name: address, address } });
const inboxRule = (id: string, sequence: number, displayName: string, more: object) => ({
  id,
  displayName,
  sequence,
  isEnabled: true,
  hasError: false,
  isReadOnly: false,
  ...more,
});

/** @param user whose mailbox has the rules */
export const mailOf = (user: string) => ({
  domains: [{ id: 'contoso.com' }],
  emails: [
    email('dana.ortiz@contoso.com'),
    email('lee.andersen@contoso.com'),
    email('sam.hybrid@contoso.com', 'Quarantine'),
  ],
  urlClicks: [
    {
      id: 'click-1',
      timestamp: '2026-03-10T08:05:00Z',
      networkMessageId: MESSAGE,
      accountUpn: 'dana.ortiz@contoso.com',
      actionType: 'ClickAllowed',
      isClickedThrough: false,
    },
  ],
  mailboxes: [
    {
      id: user,
      messageRules: [
        inboxRule(RULE, 1, '..', {
          conditions: { subjectContains: ['invoice'] },
          actions: {
            forwardTo: [recipient('eve@fabrikam.com')],
            markAsRead: true,
            stopProcessingRules: true,
          },
        }),
        inboxRule('AQAAAJ5dZp8=', 2, 'Newsletters', {
          conditions: { senderContains: ['news'] },
          actions: { moveToFolder: 'AAMkAGYy' },
        }),
      ],
    },
  ],
});
