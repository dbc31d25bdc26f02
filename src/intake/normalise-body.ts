/** Reads everything in a body in full: its incidents, and its alerts as far as they describe one. */
import type { Entity } from '../domain/entities.js';
import type { NormalisedIncident } from '../domain/incident.js';
import { type Item, itemsOf } from './decode/index.js';
import type { DeliveryShape, RejectedDelivery, RejectionCode } from './delivery.js';
import { normaliseEntities } from './entities/index.js';
import { normaliseReading } from './normalise.js';
import { latest } from './read/log.js';
import { recognise, shapeOf } from './recognise.js';
import type { ReadContext, Shape } from './shapes/shape.js';
import { fieldOf, isObject, type Json, listOf, lowerOf } from './text.js';

export type Normalised =
  | {
      readonly kind: 'incident';
      readonly shape: DeliveryShape | RejectionCode;
      /** Place in the body; empty: the whole body. */
      readonly path: string;
      readonly incident: NormalisedIncident;
    }
  | (Omit<RejectedDelivery, 'kind'> & {
      readonly kind: 'other';
      /** The entities that it consists of. */
      readonly entities?: readonly Entity[];
    });

/** Never throws. Rows and records about one incident or alert are read together. */
export function normaliseBody(body: unknown, maximumCharacters: number): Normalised[] {
  const items = itemsOf(body, maximumCharacters);
  const groups = new Map<unknown, Group>();
  for (const item of items) {
    const value = 'value' in item && isObject(item.value) ? item.value : undefined;
    const shape = value && shapeOf(value);
    const key = (value && shape?.groupOf?.(value)) ?? item;
    const group = groups.get(key);
    if (group !== undefined && value !== undefined) group.values.push(value);
    else groups.set(key, { item, shape, values: value === undefined ? [] : [value] });
  }
  const alerts = new AlertRows([...groups.values()].flatMap(({ values }) => values));
  // Alerts of an incident in the same body are read with it, and alone only if no incident has used them.
  const read = [...groups.values()].map((group) => ({
    group,
    result: isAlert(group) ? undefined : readGroup(group, alerts),
  }));
  return read.flatMap(({ group, result }) =>
    alerts.isUsed(group.values[0]) ? [] : (result ?? readGroup(group, alerts)),
  );
}

/** Reading it uses no rows of other alerts. */
function isAlert({ shape }: Group): boolean {
  return shape?.name === 'kql-alert' || shape?.name === 'alert-trigger';
}

interface Group {
  readonly item: Item;
  readonly shape: Shape | undefined;
  readonly values: Json[];
}

function readGroup({ item, shape, values: [first, ...more] }: Group, alerts: AlertRows): Normalised {
  const reading = first && shape?.read?.([first, ...more], alerts);
  if (shape !== undefined && reading !== undefined) {
    return { kind: 'incident', shape: shape.name, path: item.path, incident: normaliseReading(reading) };
  }
  const delivery = recognise(item);
  if (delivery.kind !== 'rejected') {
    const { path } = item;
    return { kind: 'other', code: 'unknown-shape', reason: 'This cannot be read.', next: '', path };
  }
  return { ...delivery, kind: 'other', ...entitiesIn(first, delivery.code) };
}

function entitiesIn(value: Json | undefined, code: RejectionCode): { entities?: readonly Entity[] } {
  if (code === 'sentinel-entity') return { entities: normaliseEntities([value]).entities };
  if (code === 'sentinel-entities') return { entities: normaliseEntities(listOf(value?.entities)).entities };
  return {};
}

/** The rows of SecurityAlert in a body, by the id of their alert. */
class AlertRows implements ReadContext {
  readonly #byId = new Map<string, Json[]>();
  readonly #used = new Set<string>();

  constructor(values: readonly Json[]) {
    const tables = new Set<unknown>(values.map((value) => value.SecurityAlert));
    for (const row of [...values, ...[...tables].flatMap(listOf)]) this.#add(row);
  }

  #add(row: unknown): void {
    const id = lowerOf(fieldOf(row, 'SystemAlertId'));
    if (id === undefined || !isObject(row)) return;
    const rows = this.#byId.get(id);
    if (rows === undefined) this.#byId.set(id, [row]);
    else rows.push(row);
  }

  alertRows(ids: readonly string[]): readonly Json[] {
    return [...new Set(ids.map((id) => id.toLowerCase()))].flatMap((id): Json[] => {
      const row = latest(this.#byId.get(id) ?? []);
      if (row !== undefined) this.#used.add(id);
      return row === undefined ? [] : [row];
    });
  }

  isUsed(value: Json | undefined): boolean {
    const id = lowerOf(value?.SystemAlertId);
    return id !== undefined && this.#used.has(id);
  }
}
