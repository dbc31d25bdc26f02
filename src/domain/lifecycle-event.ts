/**
 * What an incident's run publishes about its life, so that other programs can react. Derived from the case file: every
 * change that a subscriber can need becomes one event. Pure.
 */
import { z } from 'zod';
import { type ApprovalRequest, requestStateSchema } from './approval.js';
import { type CaseFile, type Effect, effectSchema, outcomeSchema, undoEffectSchema } from './case-file.js';
import { incidentOriginSchema } from './incident-origin.js';
import { type PlanStep, planStepSchema } from './plan.js';
import { stepsOf } from './settled.js';
import { targetRecordSchema } from './target.js';
import { unfinishedSchema } from './unfinished.js';

/** An event lists at most this many steps; the API of the responder has them all. */
const MOST_STEPS = 50;

const stepRefSchema = z.strictObject({
  id: planStepSchema.shape.id.describe('Decisions name it.'),
  action: planStepSchema.shape.action,
  record: targetRecordSchema
    .pick({ kind: true, id: true })
    .strict()
    .describe("The one record that the step is about, by its service's own id."),
});
/** A step that is left to another case has not acted: the events of that case say what it has done. */
const actedSchema = effectSchema.shape.state.exclude(['intended', 'requested', 'handed-over']);
const steps = z.array(stepRefSchema).max(MOST_STEPS);
const stepCount = z.int().nonnegative().describe('How many there are; the list has the first 50.');
const request = { id: z.string(), tier: z.string(), revision: z.int().positive() };

/** The content of each type of event. */
const contents = {
  Received: z.strictObject({}),
  Decided: z.strictObject({
    plan: z.strictObject({
      hash: z.string(),
      round: z.int().positive().describe('The number of the plan in its run.'),
      playbook: z.string(),
    }),
    steps,
    stepCount,
    manualActions: z.int().nonnegative(),
  }),
  Waiting: z.strictObject({
    request: z.strictObject({
      ...request,
      expiresAt: z.string().describe('ISO 8601, UTC.'),
      steps,
      stepCount,
    }),
  }),
  WaitingEnded: z.strictObject({
    request: z.strictObject({ ...request, state: requestStateSchema.exclude(['waiting']), steps, stepCount }),
  }),
  Acted: z.strictObject({
    step: stepRefSchema.extend({ state: actedSchema }),
  }),
  Undone: z.strictObject({
    step: stepRefSchema.extend({
      state: z.enum([
        ...undoEffectSchema.shape.state.exclude(['intended', 'requested']).options,
        'ended-by-others',
      ]),
    }),
  }),
  Closed: z.strictObject({ outcome: outcomeSchema }),
  Unfinished: z.strictObject({ outcome: outcomeSchema, unfinished: unfinishedSchema }),
} as const;

type LifecycleType = keyof typeof contents;

/** What happened, without its place in the run. */
type Happened = {
  [T in LifecycleType]: { readonly type: T; readonly content: z.infer<(typeof contents)[T]> };
}[LifecycleType];

/** What every event says about its case. */
const caseSchema = z.object({
  instanceId: z.string().describe('The instance of the incident; the API and the page use it.'),
  generation: z.int().positive().describe('The run of the instance.'),
  sequence: z.int().positive().describe('Counts the events of the run. Events may arrive in another order.'),
  revision: z.int().nonnegative().describe('Of the case file.'),
  incident: z.strictObject({
    origin: incidentOriginSchema.describe('Where the incident is read, with its id there.'),
    number: z.string().optional().describe("Sentinel's number, once it was read."),
  }),
});

const eventOf = <T extends LifecycleType>(type: T) =>
  z.object({ type: z.literal(type), at: z.string(), about: caseSchema, content: contents[type] });

/** An event with its place in the run: instance, generation and sequence identify it. `at`: ISO 8601, UTC. */
export const lifecycleEventSchema = z.discriminatedUnion('type', [
  eventOf('Received'),
  eventOf('Decided'),
  eventOf('Waiting'),
  eventOf('WaitingEnded'),
  eventOf('Acted'),
  eventOf('Undone'),
  eventOf('Closed'),
  eventOf('Unfinished'),
]);
export type LifecycleEvent = z.infer<typeof lifecycleEventSchema>;

const links = z.strictObject({ case: z.url() }).optional().describe('To the page, if its address is set.');

/** The version of `data`. What would break a subscriber gets another one, and both are published for a time. */
const VERSION = 'v1';

/** The `type` of a CloudEvent. */
export function cloudEventType(type: LifecycleType): string {
  return `SentinelResponder.Case.${type}.${VERSION}`;
}

/** The schema of `data` by `type`. */
export const lifecycleDataSchemas: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  (Object.keys(contents) as LifecycleType[]).map((type) => [
    cloudEventType(type),
    z.strictObject({ ...caseSchema.shape, links, ...contents[type].shape }),
  ]),
);

/** JSON Schema (draft 2020-12) of `data`, one definition for each `type`. */
export function lifecycleJsonSchema(): Record<string, unknown> {
  const schemas = Object.entries(lifecycleDataSchemas).map(([type, schema]) => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema);
    return [type, rest] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Data of the lifecycle events of sentinel-responder, by type',
    $defs: Object.fromEntries(schemas),
  };
}

/** What happened between two versions of a case file. @param before undefined for a run that begins. */
export function lifecycleBetween(before: CaseFile | undefined, after: CaseFile): Happened[] {
  return [
    ...(before === undefined ? [{ type: 'Received', content: {} } as const] : []),
    ...requestsEnded(before, after),
    ...decided(before, after),
    ...requestsBegun(before, after),
    ...effects(before, after),
    ...ended(before, after),
  ];
}

function decided(before: CaseFile | undefined, after: CaseFile): Happened[] {
  const { plan } = after;
  if (plan === undefined || plan.hash === before?.plan?.hash) return [];
  const { hash, round = 1, playbook, refused } = plan;
  const content = {
    plan: { hash, round, playbook: playbook.id },
    ...listed(plan.steps),
    manualActions: refused.length,
  };
  return [{ type: 'Decided', content }];
}

/** More time and an escalation change the deadline: subscribers that remind people need it. */
function requestsBegun(before: CaseFile | undefined, after: CaseFile): Happened[] {
  return asking(after).flatMap((one): Happened[] => {
    const known = asking(before).find(({ id }) => id === one.id);
    if (known?.expiresAt === one.expiresAt) return [];
    const { expiresAt, stepIds } = one;
    const content = { ...refOf(one), expiresAt, ...listed(stepsNamed(after, stepIds)) };
    return [{ type: 'Waiting', content: { request: content } }];
  });
}

function requestsEnded(before: CaseFile | undefined, after: CaseFile): Happened[] {
  return asking(before).flatMap(({ id }): Happened[] => {
    const now = after.approvals.find((one) => one.id === id);
    if (now === undefined || now.state === 'waiting') return [];
    const content = { ...refOf(now), state: now.state, ...listed(stepsNamed(after, now.selected)) };
    return [{ type: 'WaitingEnded', content: { request: content } }];
  });
}

/** The requests that wait for a response. That an undo is offered needs no one. */
function asking(file: CaseFile | undefined): ApprovalRequest[] {
  return (file?.approvals ?? []).filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond');
}

function refOf({ id, tier, revision }: ApprovalRequest) {
  return { id, tier, revision };
}

function effects(before: CaseFile | undefined, after: CaseFile): Happened[] {
  return after.effects.flatMap((effect): Happened[] => {
    const [step] = stepsNamed(after, [effect.stepId]);
    if (step === undefined) return [];
    const known = before?.effects.find(({ stepId }) => stepId === effect.stepId);
    const acted = effect.state === known?.state ? undefined : actedSchema.safeParse(effect.state).data;
    const undone = undoOf(effect);
    return [
      ...(acted === undefined
        ? []
        : [{ type: 'Acted', content: { step: { ...stepRef(step), state: acted } } } as const]),
      ...(undone === undefined || undone === (known && undoOf(known))
        ? []
        : [{ type: 'Undone', content: { step: { ...stepRef(step), state: undone } } } as const]),
    ];
  });
}

function undoOf({ undo, endedByOthers }: Effect) {
  if (undo === undefined) return endedByOthers === undefined ? undefined : 'ended-by-others';
  return undo.state === 'intended' || undo.state === 'requested' ? undefined : undo.state;
}

/** An end, and an outcome that changes after the end because an effect has ended. */
function ended(before: CaseFile | undefined, after: CaseFile): Happened[] {
  const { stage, outcome, unfinished } = after;
  if (stage !== 'ended' || outcome === undefined) return [];
  const isSame = before?.stage === stage && before.outcome === outcome && before.unfinished === unfinished;
  if (isSame) return [];
  return unfinished === undefined
    ? [{ type: 'Closed', content: { outcome } }]
    : [{ type: 'Unfinished', content: { outcome, unfinished } }];
}

function stepsNamed(file: CaseFile, ids: readonly string[]): PlanStep[] {
  const all = stepsOf(file);
  return ids.flatMap((id) => all.findLast((step) => step.id === id) ?? []);
}

function listed(all: readonly PlanStep[]) {
  return { steps: all.slice(0, MOST_STEPS).map(stepRef), stepCount: all.length };
}

function stepRef({ id, action, record }: PlanStep): z.infer<typeof stepRefSchema> {
  return { id, action, record: { kind: record.kind, id: record.id } };
}
