/** Deliveries of incidents that Defender XDR owns: of the incident itself, or of one of its alerts. */
import { keyOfOrigin } from '../../domain/incident-origin.js';
import { defenderOrigin, tenantOfLink } from '../aliases.js';
import type { Delivery, DeliveryShape } from '../delivery.js';
import { instanceIdOf } from '../incident-id.js';
import { fieldOf, type Json, textOf } from '../text.js';
import { hintsOf } from './incident.js';
import { type Place, rejected } from './shape.js';

interface Named {
  /** Defender's id of the incident, and the place where the body has it. */
  readonly id: unknown;
  readonly path: string;
  /** The tenant, or a link to the portal that names it, in the order in which they are believed. */
  readonly tenants: readonly unknown[];
  readonly links: readonly unknown[];
  /** Only of the incident itself: time, title and severity of an alert are not its own. */
  readonly modified?: unknown;
  readonly title?: unknown;
  readonly severity?: unknown;
  /** Identifies the event where the sender gives it no id. */
  readonly event?: string | undefined;
}

/** The delivery of an incident that is known by its tenant and Defender's id, or the reason why it is not. */
export function defenderDelivery(shape: DeliveryShape, named: Named, place: Place): Delivery {
  const { id, path, tenants, links } = named;
  const known = [...tenants, ...links.map(tenantOfLink)].find((one) => textOf(one) !== undefined);
  const origin = defenderOrigin(known, id);
  if (origin === undefined) {
    const hasId = textOf(id) !== undefined;
    if (!hasId) return rejected('no-incident-id', { ...NO_ID, path }, place);
    const hasTenant = textOf(known) !== undefined;
    if (!hasTenant) return rejected('unknown-tenant', { ...NO_TENANT, path: 'tenantId' }, place);
    return rejected('bad-incident-id', { ...BAD_ID, path }, place);
  }
  const key = keyOfOrigin(origin);
  return {
    kind: 'incident',
    shape,
    origin,
    key,
    instanceId: instanceIdOf(key),
    aliases: [],
    ...hintsOf({
      deliveryKey: place.deliveryKey ?? named.event,
      modified: named.modified,
      title: named.title,
      severity: named.severity,
    }),
  };
}

/** The id of an alert's version: the same alert is delivered more than once. */
export function alertEvent(alert: Json): string | undefined {
  const id = textOf(fieldOf(alert, 'id')) ?? textOf(fieldOf(alert, 'alertId'));
  const changed = textOf(fieldOf(alert, 'lastUpdateDateTime')) ?? textOf(fieldOf(alert, 'lastUpdateTime'));
  return id === undefined ? undefined : `alert ${id} ${changed ?? ''}`;
}

const NEXT = "Send the incident as Microsoft Graph returns it, with the tenant's id.";
const NO_ID = { reason: 'The body names no incident of Defender.', next: NEXT };
const NO_TENANT = { reason: 'The body does not say which tenant the incident belongs to.', next: NEXT };
const BAD_ID = { reason: 'Tenant and id are not those of an incident of Defender.', next: NEXT };
