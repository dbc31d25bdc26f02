/**
 * A note in a case file: from the run of another incident, about an effect that both rely on, or from a trigger, about the
 * incident after its run has ended.
 */
import { z } from 'zod';
import type { CaseRecord } from './case-record.js';
import { stepsOf } from './settled.js';
import { excludedSchema, withExcluded } from './update.js';

export const caseNoteSchema = z.object({
  /** ISO 8601, UTC. */
  at: z.string(),
  text: z.string(),
  /** Position in the plan of the step whose effect was found ended. */
  ended: z.number().int().nonnegative().optional(),
  /** Hash of the incident's content since then. */
  content: z.string().optional(),
  /** Who must not decide about the incident in later runs. */
  excluded: excludedSchema.optional(),
});
export type CaseNote = z.infer<typeof caseNoteSchema>;

/** Adds a timeline entry once, before the entries of the last update, because that update may be repeated. */
export function withCaseNote(
  record: CaseRecord,
  { at, text, ended, content, excluded }: CaseNote,
): CaseRecord {
  const { file, added } = record;
  if (file.timeline.some((entry) => entry.at === at && entry.text === text)) return record;
  const place = file.timeline.length - added.timeline;
  const timeline = file.timeline.toSpliced(place, 0, { at, stage: file.stage, text });
  const stepId = ended === undefined ? undefined : stepsOf(file)[ended]?.id;
  const effects = file.effects.map((effect) =>
    effect.stepId === stepId && effect.undo === undefined && effect.endedByOthers === undefined
      ? { ...effect, endedByOthers: { at, reason: text } }
      : effect,
  );
  const changed = {
    ...(content === undefined ? {} : { content }),
    ...(excluded === undefined ? {} : withExcluded(file, excluded)),
  };
  return { ...record, file: { ...file, timeline, effects, ...changed } };
}
