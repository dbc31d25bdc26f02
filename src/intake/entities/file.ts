import type { EntityOf } from '../../domain/entities.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { clip, fieldOf, lowerOf, textOf, textsOf } from '../text.js';
import { omitUndefined } from './omit-undefined.js';

type Hash = EntityOf<'file'>['hashes'][number];
const LENGTH = { md5: 32, sha1: 40, sha256: 64 } as const;
/** The strongest first; it identifies the file. */
const ORDER: readonly Hash['algorithm'][] = ['sha256', 'sha1', 'md5', 'other'];

export function fileHashOf(properties: unknown): EntityOf<'fileHash'> | undefined {
  const value = lowerOf(fieldOf(properties, 'hashValue'));
  if (!value || !/^[0-9a-f]{8,128}$/.test(value)) return undefined;
  const name = lowerOf(fieldOf(properties, 'algorithm'))?.replace('-', '');
  const algorithm =
    (name === 'md5' || name === 'sha1' || name === 'sha256') && value.length === LENGTH[name]
      ? name
      : 'other';
  return {
    kind: 'fileHash',
    key: `fileHash:${algorithm}:${value}`,
    display: value,
    identity: 'strong',
    algorithm,
    value,
  };
}

/** A File entity with the hashes that it links to. @param linked finds a hash by its ARM id or name. */
export function fileOf(
  properties: unknown,
  linked: (id: string) => EntityOf<'fileHash'> | undefined,
): EntityOf<'file'> | undefined {
  const name = textOf(fieldOf(properties, 'fileName'));
  const directory = textOf(fieldOf(properties, 'directory'));
  const hashes = hashesOf(
    textsOf(fieldOf(properties, 'fileHashEntityIds'))
      .flatMap((id) => linked(id) ?? [])
      .map(({ algorithm, value }) => ({ algorithm, value })),
  );
  const [best] = hashes;
  if (name === undefined && best === undefined) return undefined;
  const place = [directory, name].filter((part) => part !== undefined).join('\\');
  return {
    kind: 'file',
    key: best ? `file:${best.algorithm}:${best.value}` : `file:path:${lowerCase(place)}`,
    display: clip(name ?? best?.value ?? place, 200),
    identity: best ? 'strong' : 'weak',
    name: name ?? '',
    ...omitUndefined({ directory }),
    hashes,
  };
}

/** Distinct hashes, the strongest first. */
export function hashesOf(hashes: readonly Hash[]): Hash[] {
  const byValue = new Map(hashes.map((hash) => [`${hash.algorithm} ${hash.value}`, hash]));
  return [...byValue.values()].sort(byStrength);
}

function byStrength(a: Hash, b: Hash): number {
  return ORDER.indexOf(a.algorithm) - ORDER.indexOf(b.algorithm) || (a.value < b.value ? -1 : 1);
}
