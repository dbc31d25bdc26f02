/** The schema of what a simulated tenant has of mail. */
import { z } from 'zod';

const id = z.string().min(1);
const time = z.iso.datetime({ offset: true });

/** https://learn.microsoft.com/graph/api/resources/domain */
export const domainSchema = z.looseObject({ id, isVerified: z.boolean().default(true) });

/** https://learn.microsoft.com/graph/api/resources/messagerule */
const inboxRuleSchema = z.looseObject({
  id,
  displayName: z.string(),
  sequence: z.int(),
  isEnabled: z.boolean(),
  hasError: z.boolean().default(false),
  isReadOnly: z.boolean().default(false),
  conditions: z.looseObject({}).optional(),
  actions: z.looseObject({}).optional(),
});

/** The mailbox of a user, with the user's id. A user without one has no mailbox in Exchange Online. */
export const mailboxSchema = z.looseObject({
  id,
  messageRules: z.array(inboxRuleSchema).default([]),
  /** https://learn.microsoft.com/graph/api/resources/automaticrepliessetting */
  automaticRepliesSetting: z
    .looseObject({ status: id, externalAudience: id })
    .default({ status: 'disabled', externalAudience: 'none' }),
});
/** A copy of a message, in one recipient's mailbox or on its way there. */
export const emailSchema = z.looseObject({
  networkMessageId: id,
  recipientEmailAddress: id,
  timestamp: time,
  subject: z.string(),
  senderFromAddress: z.string(),
  /** As the table EmailEvents writes it: where it was delivered to. */
  deliveryLocation: id,
  /** Where it is now. */
  location: id,
  internetMessageId: z.string().optional(),
  threatTypes: z.string().optional(),
  /** No remediation moves it. */
  remediationFails: z.boolean().optional(),
});

/** https://learn.microsoft.com/defender-xdr/advanced-hunting-emailpostdeliveryevents-table */
export const emailPostDeliveryEventSchema = z.looseObject({
  id,
  timestamp: time,
  networkMessageId: id,
  recipientEmailAddress: id,
  action: id,
  actionType: id,
  actionTrigger: id,
  actionResult: id,
  deliveryLocation: id,
});

/** A remediation that was accepted and not carried out yet. */
export const emailRemediationSchema = z.strictObject({
  id,
  displayName: id,
  action: id,
  startsAt: time,
  emails: z.array(z.looseObject({ networkMessageId: id, recipientEmailAddress: id })),
});

/** https://learn.microsoft.com/defender-xdr/advanced-hunting-urlclickevents-table */
export const urlClickSchema = z.looseObject({
  id,
  timestamp: time,
  networkMessageId: id,
  accountUpn: id,
  actionType: id,
  isClickedThrough: z.boolean(),
});
