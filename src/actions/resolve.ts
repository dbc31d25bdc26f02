/** From an entity's identifiers to the one record that is acted on, and that it still is when it is acted on. */
import { canonicalJson } from '../domain/canonical.js';
import { ResponderError } from '../domain/errors.js';
import { recordChanges, recordWords, type TargetRecord } from '../domain/target.js';
import type { ActionContext, Refusal, Resolution, Response } from './define.js';

/** @throws ResponderError with the code of the refusal. */
export function recordOf<R>(resolution: Resolution<R>): Extract<Resolution<R>, { ok: true }> {
  if (resolution.ok) return resolution;
  const { code, reason } = resolution;
  throw new ResponderError({ code, message: reason, blame: 'caller', retry: 'no', next: NEXT });
}
const NEXT = 'Find out in the portal of the service which record is meant, and act by hand.';

/** What a response would be carried out on. */
export type ResolvedTarget =
  | { readonly ok: true; readonly record: TargetRecord; readonly input: unknown }
  | Refusal;

/**
 * The record that all identifiers of a query belong to, and the input by which the response acts on it.
 * @throws what the service's client throws: a target is never guessed.
 */
export async function targetOf(
  action: Response,
  query: unknown,
  ctx: ActionContext,
): Promise<ResolvedTarget> {
  if (action.target === undefined) return NO_TARGET;
  const { resolver, accept } = action.target;
  const resolution = await resolver.resolve(resolver.query.parse(query), ctx);
  if (!resolution.ok) return resolution;
  const target = await accept(resolution.found, resolution.record, ctx);
  return target.ok ? { ok: true, record: resolution.record, input: target.input } : target;
}
const NO_TARGET: Refusal = {
  ok: false,
  code: 'unsupported-target',
  reason: 'The response is about the incident itself, not about an entity.',
};

/**
 * Reads the record again by its id. A device that was renamed or replaced, or a user that was deleted, is not what was
 * approved; nor is one that must not be acted on any more.
 * @throws ResponderError `target-changed`.
 */
export async function assertUnchanged(
  action: Response,
  input: unknown,
  record: TargetRecord,
  ctx: ActionContext,
): Promise<void> {
  if (action.target === undefined) throw changed(record, ['the response has no target']);
  const { resolver, accept } = action.target;
  const now = await resolver.read(record.id, ctx);
  if (!now.ok) throw changed(record, [now.reason]);
  const changes = recordChanges(record, now.record);
  if (changes.length > 0) throw changed(record, changes);
  const target = await accept(now.found, record, ctx);
  if (!target.ok) throw changed(record, [target.reason]);
  if (canonicalJson(target.input) !== canonicalJson(input)) {
    throw changed(record, ['the input of the response is another']);
  }
}

function changed(record: TargetRecord, why: readonly string[]): ResponderError {
  return new ResponderError({
    code: 'target-changed',
    message: `${recordWords(record)} is not what was decided about: ${why.join('; ')}. Nothing was done.`,
    blame: 'caller',
    retry: 'no',
    next: 'Look at the record in the portal of the service, and act by hand.',
  });
}
