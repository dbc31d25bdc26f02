/**
 * The tables EmailEvents, EmailPostDeliveryEvents and UrlClickEvents, as far as queries about one message need them.
 * https://learn.microsoft.com/defender-xdr/advanced-hunting-emailevents-table
 */
import type { TenantDatabase } from '../../tenant-database.js';
import type { GivenQuery } from '../log-analytics/queries.js';

export type Row = Readonly<Record<string, unknown>>;

const aboutMessage = /\bNetworkMessageId =~ tostring\(params\.message\)/;

export const isAboutDelivery = ({ constant, params }: GivenQuery): boolean =>
  /\bEmailEvents\b/.test(constant) &&
  /\bEmailPostDeliveryEvents\b/.test(constant) &&
  aboutMessage.test(constant) &&
  typeof params.message === 'string';

export const isAboutClicks = ({ constant, params }: GivenQuery): boolean =>
  /^\s*UrlClickEvents\b/.test(constant) && aboutMessage.test(constant) && typeof params.message === 'string';

/** The documentation has no location for what was deleted by a remediation. */
const documented = (location: string) => (/ deleted$/.test(location) ? 'Deleted items folder' : location);

const isOf =
  (message: unknown) =>
  ({ networkMessageId }: { readonly networkMessageId: string }): boolean =>
    networkMessageId.toLowerCase() === String(message).toLowerCase();

/** Rows of both tables; a column that a table does not have is empty. */
export function deliveryRows(db: TenantDatabase, message: unknown): Row[] {
  const deliveries = db
    .all('emails')
    .filter(isOf(message))
    .map((email) => ({
      Source: 'EmailEvents',
      Timestamp: email.timestamp,
      NetworkMessageId: email.networkMessageId,
      InternetMessageId: email.internetMessageId ?? '',
      RecipientEmailAddress: email.recipientEmailAddress,
      SenderFromAddress: email.senderFromAddress,
      Subject: email.subject,
      DeliveryLocation: email.deliveryLocation,
      LatestDeliveryLocation: documented(email.location),
      ThreatTypes: email.threatTypes ?? '',
      Action: '',
      ActionType: '',
      ActionTrigger: '',
      ActionResult: '',
    }));
  const later = db
    .all('emailPostDeliveryEvents')
    .filter(isOf(message))
    .map((event) => ({
      Source: 'EmailPostDeliveryEvents',
      Timestamp: event.timestamp,
      NetworkMessageId: event.networkMessageId,
      InternetMessageId: '',
      RecipientEmailAddress: event.recipientEmailAddress,
      SenderFromAddress: '',
      Subject: '',
      DeliveryLocation: documented(event.deliveryLocation),
      LatestDeliveryLocation: '',
      ThreatTypes: '',
      Action: event.action,
      ActionType: event.actionType,
      ActionTrigger: event.actionTrigger,
      ActionResult: event.actionResult,
    }));
  return [...deliveries, ...later];
}

export function clickRows(db: TenantDatabase, message: unknown): Row[] {
  return db
    .all('urlClicks')
    .filter(isOf(message))
    .map((click) => ({
      Timestamp: click.timestamp,
      AccountUpn: click.accountUpn,
      ActionType: click.actionType,
      IsClickedThrough: click.isClickedThrough,
      ReportId: click.id,
    }));
}
