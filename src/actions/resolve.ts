/** Resolves an entity's identifiers to the one record to act on, and checks before the act that it is unchanged. */
import { canonicalJson } from '../domain/canonical.js';
import { ResponderError } from '../domain/errors.js';
import {
  candidateWords,
  type RecordRef,
  recordChanges,
  recordRef,
  recordWords,
  type TargetRecord,
} from '../domain/target.js';
import type { ActionContext, Parts, Refusal, Resolution, Response, ResponseTarget } from './define.js';
import { parseOrThrow } from './parse-or-throw.js';

/** @throws ResponderError with the code of the refusal. */
export function requireRecord<R>(resolution: Resolution<R>): Extract<Resolution<R>, { ok: true }> {
  if (resolution.ok) return resolution;
  const { code, reason } = resolution;
  throw new ResponderError({ code, message: reason, fault: 'caller', retry: 'no', next: NEXT });
}
const NEXT = 'Identify the record in the portal of the service, and act by hand.';

interface Accepted {
  readonly record: TargetRecord;
  readonly input: unknown;
}
/** The target of a response, or the refusal. `others`: further parts of the entity's record, each for a step of its own. */
export type ResolvedTarget =
  | (Accepted & { readonly ok: true; readonly others?: readonly Accepted[] })
  | Refusal;

/**
 * The record that all identifiers of a query belong to, and the response's input for it.
 * @throws errors of the service's client: a target is never guessed.
 */
export async function resolveResponseTarget(
  action: Response,
  query: unknown,
  ctx: ActionContext,
): Promise<ResolvedTarget> {
  if (action.target === undefined) return NO_TARGET;
  const { resolver, accept, parts } = action.target;
  const resolution = await resolver.resolve(parseOrThrow(resolver.query, query, 'input', action.name), ctx);
  if (!resolution.ok) return resolution;
  if (resolution.record.certainty !== 'certain') return onlyCandidate(resolution.record);
  if (parts !== undefined) return acceptParts(action.target, parts, resolution, ctx);
  const target = await accept(resolution.found, resolution.record, ctx);
  return target.ok ? { ok: true, record: resolution.record, input: target.input } : target;
}

/** All parts, or the first refusal: an analyst is not to believe that all were dealt with. */
async function acceptParts(
  { accept }: ResponseTarget,
  parts: Parts,
  owner: Extract<Resolution<unknown>, { ok: true }>,
  ctx: ActionContext,
): Promise<ResolvedTarget> {
  const listed = await parts.list(owner.found, owner.record, ctx);
  if (!listed.ok) return listed;
  const accepted: Accepted[] = [];
  for (const { found, record } of listed.parts) {
    const target = await accept(found, record, ctx);
    if (!target.ok) return target;
    accepted.push({ record, input: target.input });
  }
  const [first, ...others] = accepted;
  if (first === undefined) return { ok: false, code: 'not-found', reason: 'There is nothing to act on.' };
  return { ok: true, ...first, ...(others.length === 0 ? {} : { others }) };
}

/** No response is carried out on a record that was found by a name which others may have. */
function onlyCandidate(record: RecordRef): Refusal {
  const candidate = recordRef(record);
  return {
    ok: false,
    code: 'weak-identity',
    reason: `It may be ${candidateWords(candidate)}`,
    candidates: [candidate],
  };
}

const NO_TARGET: Refusal = {
  ok: false,
  code: 'unsupported-target',
  reason: 'The response is about the incident itself, not about an entity.',
};

/**
 * Reads the record again by its id. A device that was renamed or replaced, a deleted user, and a record that must no
 * longer be changed are not the approved target.
 * @throws ResponderError `target-changed`.
 */
export async function assertUnchanged(
  action: Response,
  input: unknown,
  record: TargetRecord,
  ctx: ActionContext,
): Promise<void> {
  if (action.target === undefined) throw changed(record, ['the response has no target']);
  if (record.certainty !== 'certain') throw changed(record, ['it is only a candidate']);
  const { resolver, accept, parts = resolver, endsRecord } = action.target;
  const now = await parts.read(record.id, ctx);
  if (!now.ok && now.code === 'not-found' && endsRecord) return;
  if (!now.ok) throw changed(record, [now.reason]);
  const changes = recordChanges(record, now.record);
  if (changes.length > 0) throw changed(record, changes);
  const target = await accept(now.found, record, ctx);
  if (!target.ok) throw changed(record, [target.reason]);
  if (canonicalJson(ofRecord(target.input)) !== canonicalJson(ofRecord(input))) {
    throw changed(record, ['the input of the response is another']);
  }
}

/** Settings follow from the playbook; `seen` is a value that the response itself compares, because it may have changed it. */
function ofRecord(input: unknown): unknown {
  const { settings: _, seen: __, ...rest } = Object(input) as Readonly<Record<string, unknown>>;
  return rest;
}

function changed(record: TargetRecord, why: readonly string[]): ResponderError {
  return new ResponderError({
    code: 'target-changed',
    message: `${recordWords(record)} has changed since the approval: ${why.join('; ')}. Nothing was done.`,
    fault: 'caller',
    retry: 'no',
    next: 'Check the record in the portal of the service, and act by hand.',
  });
}
