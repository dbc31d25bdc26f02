import { createHash } from 'node:crypto';
import type { Incident } from '../domain/incident.js';
import { clip, textOf } from './text.js';
import type { Resource } from './wire.js';

export type Warning = Incident['warnings'][number];

/** A name for one resource that does not depend on its place in a list: the lists have no stable order. */
export function referenceOf(resource: Pick<Resource, 'id' | 'name'>): string {
  const last = textOf(resource.id)?.split('/').at(-1);
  return clip(textOf(resource.name) ?? textOf(last) ?? 'unnamed', 80);
}

/** A short fingerprint for things that have no name of their own. The same content has the same one. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}

/** JSON with sorted keys, so that equal values have equal text. What is nested too deeply to print is all alike. */
export function canonicalJson(value: unknown): string {
  try {
    return JSON.stringify(value, sortKeys) ?? 'undefined';
  } catch {
    return '(nested too deeply)';
  }
}

function sortKeys(_key: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
