/** The parts of an incident that could not be read, as findings: what was not looked up is unknown, and is shown. */
import type { Entity } from './entities.js';
import type { Finding } from './finding.js';
import type { Incident } from './incident.js';

const MOST_NAMED = 20;
/** Kinds by the words that follow "the". */
const KINDS: Readonly<Record<string, string>> = {
  account: 'account has no identifier',
  host: 'host has no identifier',
  ip: 'text is no IP address, or a network of several',
  file: 'file has no name',
  filehash: 'file hash is none',
  process: 'process has no identifier',
  url: 'URL is empty',
};
const PARTS: Readonly<Record<string, string>> = {
  'not-an-entity': 'entities in an unreadable form',
  'not-an-alert': 'alerts in an unreadable form',
  'unnamed-alert': 'alerts without an id',
  'unknown-entity-kind': 'entities of an unknown kind',
  'unknown-value': 'unknown values of the incident',
};

export function unreadParts({ entities, warnings }: Incident): Finding[] {
  const named = entities.flatMap((entity) => unreadEntity(entity) ?? []).slice(0, MOST_NAMED);
  const more = warnings.filter(({ code }) => code === 'unidentified-entity').length - named.length;
  const byCode = new Map<string, number>();
  for (const { code } of warnings) {
    if (code !== 'unidentified-entity') byCode.set(code, (byCode.get(code) ?? 0) + 1);
  }
  return [
    ...named,
    ...(more > 0 ? [part('unidentified-entity', 'more entities without an identifier', more)] : []),
    ...[...byCode].map(([code, count]) => part(code, PARTS[code] ?? code, count)),
  ];
}

function unreadEntity(entity: Entity): Finding | undefined {
  const what = entity.kind === 'other' ? KINDS[entity.originalKind.toLowerCase()] : undefined;
  return what === undefined
    ? undefined
    : failed(entity.key, entity.display, 'unidentified-entity', `the ${what}; it was not looked up.`);
}

const part = (code: string, what: string, count: number): Finding =>
  failed(`incident:${code}`, 'the incident', code, `${what}: ${count}; nothing was done about them.`);

function failed(entityKey: string, target: string, code: string, message: string): Finding {
  const error = { code, message, fault: 'caller', retry: 'no' } as const;
  return { status: 'failed', action: 'intake', as: 'incident', entityKey, target, durationMs: 0, error };
}
