/** Deliveries of incidents that Defender XDR owns: of the incident itself, or of one of its alerts. */
import { type DefenderOrigin, keyOfOrigin } from '../../domain/incident-origin.js';
import { defenderOrigin, tenantOfLink } from '../aliases.js';
import type { Delivery, DeliveryShape, RejectionCode } from '../delivery.js';
import { instanceIdOf } from '../incident-id.js';
import { fieldOf, type Json, textOf } from '../text.js';
import { hintsOf } from './incident.js';
import { type Place, rejected } from './shape.js';

interface Hints {
  /** Only of the incident itself: time, title and severity of an alert are not its own. */
  readonly modified?: unknown;
  readonly title?: unknown;
  readonly severity?: unknown;
  /** Identifies the event where the sender gives it no id. */
  readonly event?: string | undefined;
}
interface Named extends Hints {
  /** What it is: `a security incident of Microsoft Graph`. */
  readonly what: string;
  /** Defender's id of the incident, and the place where the body has it. */
  readonly id: unknown;
  readonly path: string;
  readonly tenants: readonly unknown[];
  readonly links: readonly unknown[];
}

/** The tenant that a body names. @param links to the portal, which name it, too; in the order in which they are believed */
export function tenantIn(tenants: readonly unknown[], links: readonly unknown[]): string | undefined {
  return [...tenants.map(textOf), ...links.map(tenantOfLink)].find((one) => one !== undefined);
}

/** The delivery of an incident that is known by its tenant and Defender's id, or the reason why it is not. */
export function defenderDelivery(shape: DeliveryShape, named: Named, place: Place): Delivery {
  const { what, id, path, tenants, links } = named;
  const tenant = tenantIn(tenants, links);
  const origin = defenderOrigin(tenant, id);
  if (origin !== undefined) return incidentOf(origin, shape, named, place);
  const refused = (code: RejectionCode, that: string, at: string) =>
    rejected(code, { reason: `This is ${what} ${that}.`, next: NEXT, path: at }, place);
  if (textOf(id) === undefined) return refused('no-incident-id', 'without its id', path);
  if (tenant === undefined) {
    return refused('unknown-tenant', 'that does not say which tenant it belongs to', 'tenantId');
  }
  return refused('bad-incident-id', 'whose tenant and id are not those of an incident of Defender', path);
}

export function incidentOf(
  origin: DefenderOrigin,
  shape: DeliveryShape,
  { event, modified, title, severity }: Hints,
  place: Place,
): Delivery {
  const key = keyOfOrigin(origin);
  const hints = hintsOf({ deliveryKey: place.deliveryKey ?? event, modified, title, severity });
  return { kind: 'incident', shape, origin, key, instanceId: instanceIdOf(key), aliases: [], ...hints };
}

/** The id of an alert's version: the same alert is delivered more than once. */
export function alertEvent(alert: Json): string | undefined {
  const id = textOf(fieldOf(alert, 'id')) ?? textOf(fieldOf(alert, 'alertId'));
  const changed = textOf(fieldOf(alert, 'lastUpdateDateTime')) ?? textOf(fieldOf(alert, 'lastUpdateTime'));
  return id === undefined ? undefined : `alert ${id} ${changed ?? ''}`;
}

const NEXT = "Send the incident as Microsoft Graph returns it, with the tenant's id.";
