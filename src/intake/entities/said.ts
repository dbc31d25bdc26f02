/** What an entity says about itself: the same thing may stand in several places, and differ. */

import type { FurtherId } from '../../domain/entities.js';
import { lowerCase } from '../../domain/letters.js';
import { clip, isObject, textOf } from '../text.js';

/** All texts under a key, whatever its letter case, beside the others and in `additionalData`; each once. */
export function saidOf(properties: unknown, key: string): string[] {
  const places = [properties, ...valuesOf(properties, 'additionalData')];
  const texts = places.flatMap((place) => valuesOf(place, key).flatMap((value) => textOf(value) ?? []));
  return [...new Set(texts)];
}

function valuesOf(object: unknown, key: string): unknown[] {
  if (!isObject(object)) return [];
  const wanted = lowerCase(key);
  const names = Object.keys(object).filter((name) => lowerCase(name) === wanted);
  // The documented spelling first: it is the one that is shown.
  return names.sort((a, b) => Number(b === key) - Number(a === key)).map((name) => object[name]);
}

const LONGEST = 300;

/**
 * The identifiers that are no field: further ones of the same kind, those of a form that nothing has, and kinds without
 * a field. Each once, in an order that does not depend on how they arrived. None of them is ever left out: it might be
 * the one that says that this is somebody else.
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
  const byName = new Map(sorted(all).map((one) => [nameOf(one), one]));
  for (const one of own) byName.delete(nameOf(one));
  // What Sentinel shows is mostly made of the others.
  const said = new Set(
    [...all, ...own].flatMap(({ id, value }) => (id === 'friendlyName' ? [] : lowerCase(value))),
  );
  for (const [name, { id, value }] of byName) {
    if (id === 'friendlyName' && said.has(lowerCase(value))) byName.delete(name);
  }
  return byName.size === 0 ? {} : { further: sorted([...byName.values()]) };
}

const nameOf = ({ id, value }: FurtherId) => `${id} ${lowerCase(value)}`;

/** Last one wins where names are equal: sorted the other way, so that the choice does not depend on the order. */
function sorted(ids: readonly FurtherId[]): FurtherId[] {
  const key = (one: FurtherId) => `${one.id} ${one.value}`;
  return [...ids].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
