/** Deliveries of alerts that do not name their incident. Their ids are those of the service, so that it can be asked. */
import type { AlertRef, AlertShape } from '../../domain/alert-lookup.js';
import { isGuid } from '../aliases.js';
import type { Delivery } from '../delivery.js';
import { fieldOf, isObject, type Json, lowerOf, textOf } from '../text.js';
import { type Place, rejected, type Shape } from './shape.js';

const ALERT_ID = /^[0-9a-z][\w.-]{3,127}$/i;

/** ARM id of a workspace, in lower case, at the start of that of an alert. */
const WORKSPACE =
  /^\/subscriptions\/[^/]{1,64}\/resourcegroups\/[^/]{1,90}\/providers\/microsoft\.operationalinsights\/workspaces\/[^/]{1,63}/;

/** The delivery of an alert, or the reason why nothing can be found by it. */
export function alertDelivery(alert: AlertRef | undefined, otherwise: Refusal, place: Place): Delivery {
  if (alert !== undefined) return { kind: 'alert', shape: otherwise.code, alert };
  return rejected(otherwise.code, otherwise, place);
}

interface Refusal {
  readonly code: AlertShape;
  readonly reason: string;
  readonly next: string;
  readonly path: string;
}

/** A shape of alerts of Sentinel, none of which names its incident. */
export function sentinelAlertShape(
  refusal: Refusal,
  matches: Shape['matches'],
  { refOf, read }: { readonly refOf: (value: Json) => AlertRef | undefined } & Required<Pick<Shape, 'read'>>,
): Shape {
  return {
    name: refusal.code,
    matches,
    read,
    deliver: (value, place) => alertDelivery(refOf(value), refusal, place),
  };
}

/** An alert of Sentinel. @param workspace the customer id, or the ARM id of the workspace or of something in it */
export function sentinelAlertRef(id: unknown, workspace: unknown): AlertRef | undefined {
  const alertId = lowerOf(id) ?? '';
  if (!ALERT_ID.test(alertId)) return undefined;
  const said = lowerOf(workspace) ?? '';
  const [armId] = WORKSPACE.exec(said) ?? [];
  return {
    kind: 'sentinel',
    id: alertId,
    ...(isGuid(said) ? { customerId: said } : {}),
    ...(armId === undefined ? {} : { workspace: armId }),
  };
}

/** The columns of a row of SecurityAlert, and of the alert trigger of Logic Apps. */
export const rowRef = (row: Json): AlertRef | undefined =>
  sentinelAlertRef(fieldOf(row, 'SystemAlertId'), textOf(row.WorkspaceId) ?? row.TenantId);

/** An alert in the form of the REST API. */
export const resourceRef = ({ id, name, properties }: Json): AlertRef | undefined =>
  sentinelAlertRef((isObject(properties) ? fieldOf(properties, 'systemAlertId') : undefined) ?? name, id);

/** An alert of Defender. */
export function defenderAlertRef(id: unknown, tenant: unknown): AlertRef | undefined {
  const [alertId, tenantId] = [textOf(id) ?? '', lowerOf(tenant)];
  if (!ALERT_ID.test(alertId)) return undefined;
  return { kind: 'defender', id: alertId, ...(tenantId === undefined ? {} : { tenantId }) };
}
