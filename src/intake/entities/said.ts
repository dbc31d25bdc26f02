/** Reads the identifiers of an entity, which may occur in several places with different values. */

import type { FurtherId } from '../../domain/entities.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { clip, isObject, textOf } from '../text.js';

/** Names are combined with domains: without a limit, the number of pairs would grow much faster than the input. */
const MOST_VALUES = 100;

/**
 * Returns a reader of the distinct texts under a key, in any letter case, at the top level and in `additionalData`; the
 * first of them if there are very many. These already contradict each other.
 */
export function saidIn(properties: unknown): (key: string) => string[] {
  const names = namesIn(properties);
  const places = [names, ...valuesOf(names, 'additionalData').map((data) => namesIn(objectIn(data)))];
  return (key) => {
    const values = places.flatMap((place) => valuesOf(place, key));
    // Most keys are absent, and few have several values.
    if (values.length === 0) return [];
    return [...new Set(values.flatMap(textsIn))].slice(0, MOST_VALUES);
  };
}

/** The first of these texts, for something that is asked for one or two keys. */
export const firstSaid = (properties: unknown, key: string): string | undefined =>
  textsSaid(properties, key)[0];

/** All of these texts, for something that is asked for one or two keys. */
export function textsSaid(properties: unknown, key: string): string[] {
  const places = [properties, ...valuesIn(properties, 'additionalData').map(objectIn)];
  return places.flatMap((place) => valuesIn(place, key).flatMap(textsIn));
}

/** As `valuesOf`, without the names of all other properties. */
function valuesIn(object: unknown, key: string): unknown[] {
  if (!isObject(object)) return [];
  const wanted = lowerCase(key);
  const names = Object.keys(object).filter(
    (name) => name.length === wanted.length && lowerCase(name) === wanted,
  );
  if (names.length > 1) names.sort((a, b) => Number(b === key) - Number(a === key));
  return names.map((name) => object[name]);
}

/** A list is several values, also where it is JSON in a text. */
function textsIn(value: unknown): string[] {
  const list = Array.isArray(value) ? value : listIn(value);
  return (list ?? [value]).flatMap((item) => textOf(item) ?? []);
}

function listIn(value: unknown): unknown[] | undefined {
  const parsed = jsonIn(value, '[', ']');
  return Array.isArray(parsed) ? parsed : undefined;
}

/** Rows of the log have objects as JSON in a text. */
const objectIn = (value: unknown): unknown => jsonIn(value, '{', '}') ?? value;

function jsonIn(value: unknown, begin: string, end: string): unknown {
  const text = typeof value === 'string' ? value.trim() : '';
  if (!text.startsWith(begin) || !text.endsWith(end)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Name and value of each property, by the name in lower case: an entity is asked for twenty keys. */
type Names = ReadonlyMap<string, readonly (readonly [string, unknown])[]>;

function namesIn(object: unknown): Names {
  const names = new Map<string, [string, unknown][]>();
  if (!isObject(object)) return names;
  for (const property of Object.entries(object)) {
    const name = lowerCase(property[0]);
    const others = names.get(name);
    if (others === undefined) names.set(name, [property]);
    else others.push(property);
  }
  return names;
}

function valuesOf(names: Names, key: string): unknown[] {
  const found = names.get(lowerCase(key)) ?? [];
  if (found.length < 2) return found.map(([, value]) => value);
  // The documented spelling first: its value is displayed.
  const first = found.filter(([name]) => name === key);
  return [...first, ...found.filter(([name]) => name !== key)].map(([, value]) => value);
}

const LONGEST = 300;

/**
 * The identifiers that no field contains: additional values, values of an invalid form, and kinds without a field.
 * Distinct, and in an order that is independent of the input order. None is ever omitted, because it may be the one
 * that shows that this is a different account or host.
 */
export function furtherIds(
  ids: Partial<Readonly<Record<FurtherId['id'], readonly string[]>>>,
  fields: Partial<Readonly<Record<FurtherId['id'], string | undefined>>>,
): { further?: FurtherId[] } {
  const all = Object.entries(ids).flatMap(([id, values]) =>
    values.map((value) => ({ id: id as FurtherId['id'], value: clip(value, LONGEST) })),
  );
  const own = Object.entries(fields).flatMap(([id, value]) =>
    value === undefined ? [] : [{ id: id as FurtherId['id'], value }],
  );
  const byName = new Map<string, FurtherId>();
  for (const one of all) {
    const name = nameOf(one);
    const other = byName.get(name);
    if (other === undefined || other.value < one.value) byName.set(name, one);
  }
  for (const one of own) byName.delete(nameOf(one));
  if (byName.size === 0) return {};
  // Sentinel usually builds the friendly name from the other identifiers.
  const said = new Set(
    [...all, ...own].flatMap(({ id, value }) => (id === 'friendlyName' ? [] : lowerCase(value))),
  );
  for (const [name, { id, value }] of byName) {
    if (id === 'friendlyName' && said.has(lowerCase(value))) byName.delete(name);
  }
  return byName.size === 0 ? {} : { further: sorted([...byName.values()]) };
}

const nameOf = ({ id, value }: FurtherId) => `${id} ${lowerCase(value)}`;

/** Sorts by id and value: the result does not depend on the input order. */
function sorted(ids: readonly FurtherId[]): FurtherId[] {
  const key = (one: FurtherId) => `${one.id} ${one.value}`;
  return [...ids].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
