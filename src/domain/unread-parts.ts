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
  'not-an-entity': 'entities have an unreadable form',
  'not-an-alert': 'alerts have an unreadable form',
  'unnamed-alert': 'alerts have no id',
  'unknown-entity-kind': 'entities are of an unknown kind',
  'unknown-value': 'values of the incident are unknown',
};

export function unreadParts({ entities, warnings }: Incident): Finding[] {
  const unread = entities.flatMap((entity) => unreadEntity(entity) ?? []);
  const more = unread.length - MOST_NAMED;
  const byCode = new Map<string, number>();
  for (const { code } of warnings) {
    if (code !== 'unidentified-entity') byCode.set(code, (byCode.get(code) ?? 0) + 1);
  }
  return [
    ...unread.slice(0, MOST_NAMED),
    ...(more > 0 ? [part('unidentified-entity', `${more} more entities have no identifier`)] : []),
    ...[...byCode].map(([code, count]) => part(code, `${count} ${PARTS[code] ?? `× ${code}`}`)),
  ];
}

function unreadEntity(entity: Entity): Finding | undefined {
  const what = entity.kind === 'other' ? KINDS[entity.originalKind.toLowerCase()] : undefined;
  return what === undefined
    ? undefined
    : failed(entity.key, entity.display, 'unidentified-entity', `the ${what}; it was not looked up.`);
}

const part = (code: string, words: string): Finding =>
  failed(`incident:${code}`, 'the incident', code, `${words}, which nothing was done about.`);

function failed(entityKey: string, target: string, code: string, message: string): Finding {
  const error = { code, message, fault: 'caller', retry: 'no' } as const;
  return { status: 'failed', action: 'intake', as: 'incident', entityKey, target, durationMs: 0, error };
}
