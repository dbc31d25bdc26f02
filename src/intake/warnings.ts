import { hash } from 'node:crypto';
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
  return hash('sha256', canonicalJson(value)).slice(0, 16);
}

/** JSON with sorted keys: equal values have equal text. All values nested too deeply share one placeholder. */
export function canonicalJson(value: unknown): string {
  try {
    return textOfJson(value) ?? 'undefined';
  } catch {
    return '(nested too deeply)';
  }
}

/** Faster than `JSON.stringify` with a function that sorts. Like there, what is no JSON is left out, or null in a list. */
function textOfJson(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${textOfJson(item) ?? 'null'}`;
    return `[${text}]`;
  }
  for (const key of sortedKeys(value)) {
    const part = textOfJson((value as Record<string, unknown>)[key]);
    if (part !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${part}`;
  }
  return `{${text}}`;
}

/** Most objects have few keys, often in order. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  for (let i = 1; i < keys.length; i += 1) if ((keys[i] ?? '') < (keys[i - 1] ?? '')) return keys.sort();
  return keys;
}

/** The raw value that was not understood, clipped; nothing if there is none. */
export function rawOf(value: unknown): { value?: string } {
  const text = textOf(value);
  return text === undefined ? {} : { value: clip(text, 100) };
}
