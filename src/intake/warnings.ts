import { createHash } from 'node:crypto';
import type { Incident } from '../domain/incident.js';
import { clip, textOf } from './text.js';
import type { Resource } from './wire.js';

export type Warning = Incident['warnings'][number];

/** A name for a resource that is independent of its list position, because the lists have no stable order. */
export function referenceOf(resource: Pick<Resource, 'id' | 'name'>): string {
  const last = textOf(resource.id)?.split('/').at(-1);
  return clip(textOf(resource.name) ?? textOf(last) ?? 'unnamed', 80);
}

/** A short content hash for things without a name. Equal content has equal fingerprints. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}

/** JSON with sorted keys: equal values have equal text. All values nested too deeply share one placeholder. */
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

/** The raw value that was not understood, clipped; nothing if there is none. */
export function rawOf(value: unknown): { value?: string } {
  const text = textOf(value);
  return text === undefined ? {} : { value: clip(text, 100) };
}
