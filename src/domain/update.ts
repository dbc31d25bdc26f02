/** A later delivery of an incident, or a retry by an analyst, as a message to its running instance. */
import { z } from 'zod';
import { clip } from './clip.js';
import { handedOverSchema } from './handed-over.js';
import { incidentOriginSchema } from './incident-origin.js';
import { type Involved, involvedSchema, storedInvolved } from './involved.js';
import { type SealedMessage, sealedMessageSchema } from './sealed.js';
import { intakeTriggerSchema, submissionSchema } from './submission.js';

/** A retry of some steps only. */
export const narrowingSchema = z.object({
  /** Titles of the steps, with their targets. */
  steps: z.array(z.string()),
  /** Keys of what is unfinished, too, and is not proposed in this attempt. */
  leftOut: z.array(z.string()),
});
export type Narrowing = z.infer<typeof narrowingSchema>;

/** Who must not decide about an incident: its submitters, by object id, and the people that it names. */
export const excludedSchema = z.object({ submitters: z.array(z.string()), involved: involvedSchema });
export type Excluded = z.infer<typeof excludedSchema>;

/** Adds to those that a case file has. */
export function withExcluded(
  {
    submitters = [],
    involved,
  }: { readonly submitters?: string[] | undefined; readonly involved?: Involved | undefined },
  more: Excluded,
): Excluded {
  return {
    submitters: [...new Set([...submitters, ...more.submitters])],
    involved: storedInvolved(involved, [more.involved]),
  };
}

export const updateSchema = z.object({
  /** `update`: the incident may have changed. `again`: also what is unfinished is proposed again, without a change. */
  kind: z.enum(['update', 'again']),
  /** Hash of the id of the delivery or of the retry: each counts once. */
  id: z.string(),
  trigger: intakeTriggerSchema,
  by: submissionSchema.shape.by,
  /** Name of the analyst who requested a retry. Absent: a delivery. */
  retriedBy: z.string().optional(),
  /** The case of a merged incident hands this over. */
  handedOver: z.array(handedOverSchema).optional(),
  /** Absent: everything that is unfinished is proposed again. */
  narrowing: narrowingSchema.optional(),
  /** As an instance of the same incident under another key knows. */
  excluded: excludedSchema.optional(),
  /** The delivery was about the same incident in another service. */
  alsoAs: incidentOriginSchema.optional(),
});
export type Update = z.infer<typeof updateSchema>;

/** Who must not decide because of these updates: the people who submitted them, and those that they name. */
export function excludedByUpdates(updates: readonly Update[]): {
  submitters: string[];
  involved: Involved[];
} {
  const others = updates.flatMap(({ excluded, handedOver = [] }) => [
    ...handedOver,
    ...(excluded === undefined ? [] : [excluded]),
  ]);
  return {
    submitters: [
      ...updates.flatMap(({ by }) => (by?.kind === 'person' ? [by.id] : [])),
      ...others.flatMap(({ submitters }) => submitters),
    ],
    involved: others.flatMap(({ involved }) => involved ?? []),
  };
}

/**
 * What the attempts among these updates leave out together: nothing if one of them leaves out nothing.
 * @param before what is left out if none of them is a new attempt
 */
export function leftOutBy(updates: readonly Update[], before: readonly string[]): readonly string[] {
  const [first, ...others] = updates
    .filter(({ kind }) => kind === 'again')
    .map(({ narrowing }) => narrowing?.leftOut ?? []);
  return first?.filter((key) => others.every((keys) => keys.includes(key))) ?? before;
}

/** How every line about a retry says so. */
export const RETRIED = 'requested a retry';
/** A line names this many steps of a retry, as far as there is room: an incident chooses how they are called. */
const MOST_STEPS = 5;
const LONGEST_STEP = 160;

/** `Robin Keller (page) requested a retry of Isolate the device: ws-1.` */
export function retryWords(name: string, narrowing: Narrowing | undefined): string {
  return `${name} ${RETRIED}${narrowing === undefined ? '' : ` of ${stepWords(narrowing)}`}.`;
}

function stepWords({ steps }: Narrowing): string {
  const named = steps.slice(0, MOST_STEPS).map((step) => clip(step, LONGEST_STEP));
  const more = steps.length - named.length;
  return [...named, ...(more === 0 ? [] : [`${more} more`])].join('; ');
}

/** Whether an update has a content of its own, as far as it says itself: its seal is not verified. */
export function saysMore({ content }: SealedMessage): boolean {
  const update = updateSchema.safeParse(jsonOf(content)).data;
  if (update === undefined) return false;
  const { kind, by, excluded, handedOver } = update;
  return kind === 'again' || by?.kind === 'person' || excluded !== undefined || handedOver !== undefined;
}

/** Whether an update says what another case has done, as far as it says itself. */
export function handsOver({ content }: SealedMessage): boolean {
  return updateSchema.safeParse(jsonOf(content)).data?.handedOver !== undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The payload of the event. Only an activity can verify the message. */
export const updateMessageSchema = z.object({ kind: z.literal('update'), message: sealedMessageSchema });
