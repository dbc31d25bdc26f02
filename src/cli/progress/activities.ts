/** Converts inputs and results of the app's activities to progress updates. */

import type { HostEvent } from 'functions-emulator';
import { z } from 'zod';
import { evaluatedDecisionSchema } from '../../domain/approval.js';
import { type ErrorInfo, errorInfoSchema } from '../../domain/errors.js';
import { incidentSchema } from '../../domain/incident.js';
import { decisionRecordSchema, planSchema } from '../../domain/plan.js';
import type { EnrichmentRow, ProgressUpdate } from './progress-events.js';

type Ended = Extract<HostEvent, { kind: 'invocation-ended' }>;
type Result = { ok: true; value: unknown } | { ok: false; error: Pick<ErrorInfo, 'code' | 'message'> };

const resultSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorInfoSchema }),
]);
const taskSchema = z.object({ action: z.string(), entityKey: z.string(), target: z.string() });
const enrichmentSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), output: z.record(z.string(), z.unknown()), durationMs: z.number() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
]);
const stepSchema = z.object({ action: z.string(), target: z.string() });

const confirmationSchema = z.object({
  state: z.string(),
  proof: z.string().optional(),
  status: z.string().optional(),
  reason: z.string().optional(),
});

const plannedSchema = z.object({
  playbook: z.object({ title: z.string() }).optional(),
  tasks: z.array(taskSchema),
  findings: z.array(z.unknown()).default([]),
});
const decidedSchema = z.object({ decision: decisionRecordSchema, plan: planSchema.optional() });
const decidedEvent = ({ decision, plan }: z.infer<typeof decidedSchema>): ProgressUpdate => ({
  kind: 'decided',
  decision,
  plan,
});

const readers: Readonly<
  Record<string, (result: Result, input: unknown, durationMs: number) => ProgressUpdate[]>
> = {
  readIncident: (result) => [
    ...mapResult(result, z.object({ incident: incidentSchema }), ({ incident }) => ({
      kind: 'read',
      title: incident.title,
      number: incident.number,
      severity: incident.severity,
      alerts: incident.alerts.length,
      entities: incident.entities.length,
    })),
    ...mapResult(result, plannedSchema, ({ playbook, tasks, findings }) => ({
      kind: 'enriching',
      playbook: playbook?.title,
      rows: tasks.map(rowOf),
      notRun: findings.length,
    })),
  ],
  enrich(result, input, durationMs) {
    const asked = z.object({ tasks: z.array(taskSchema) }).safeParse(input);
    const answer = z.object({ results: z.array(z.unknown()), decided: z.unknown().optional() });
    const parsed = result.ok ? answer.safeParse(result.value) : undefined;
    const each = (asked.data?.tasks ?? []).flatMap((task, i) =>
      enrichmentEvents(rowOf(task), result.ok ? parsed?.data?.results[i] : result, durationMs),
    );
    return [...each, ...mapResult({ ok: true, value: parsed?.data?.decided }, decidedSchema, decidedEvent)];
  },
  decide: (result) => mapResult(result, decidedSchema, decidedEvent),
  evaluateDecision: (result) =>
    mapResult(
      result,
      z.object({ evaluated: evaluatedDecisionSchema }),
      ({ evaluated: { decision, outcome } }) => ({
        kind: 'evaluated',
        decision: decision.kind,
        by: decision.by.name,
        accepted: outcome.accepted,
        code: outcome.code,
        message: outcome.message,
      }),
    ),
  runResponse: (result, input) => [
    ...responseEvents(input, result, z.object({ state: z.string() }), ({ state }) => ({
      state,
      text: undefined,
    })),
    ...immediateConfirmation(input, result, ''),
  ],
  confirmResponse: (result, input) =>
    responseEvents(input, result, confirmationSchema, ({ state, proof, status, reason }) => ({
      state,
      text: proof ?? status ?? reason,
    })),
  undoResponse: (result, input) => [
    ...responseEvents(input, result, z.object({ state: z.string() }), ({ state }) => ({
      state: `undo ${state}`,
      text: undefined,
    })),
    ...immediateConfirmation(input, result, 'undo '),
  ],
  confirmUndo: (result, input) =>
    responseEvents(input, result, confirmationSchema, ({ state, proof, status, reason }) => ({
      state: `undo ${state}`,
      text: proof ?? status ?? reason,
    })),
  writeComment: (result) =>
    result.ok
      ? mapResult(result, z.object({ id: z.string() }), ({ id }) => ({ kind: 'commented', commentId: id }))
      : [{ kind: 'comment-failed', error: errorText(result.error) }],
};

/** The progress updates of one ended activity. Activities without a reader have none. */
export function readActivity(event: Ended, input: unknown): ProgressUpdate[] {
  const reader = readers[event.name];
  return reader?.(resultOf(event), input, event.durationMs) ?? [];
}

/** Why the incident could not be read; undefined for other activities, and if it was read. */
export function readError(event: Ended): string | undefined {
  if (event.name !== 'readIncident') return undefined;
  const result = resultOf(event);
  return result.ok ? undefined : errorText(result.error);
}

function resultOf(event: Ended): Result {
  if (!event.ok)
    return { ok: false, error: { code: 'activity-failed', message: event.error ?? 'it failed' } };
  const parsed = resultSchema.safeParse(event.result);
  return parsed.success ? parsed.data : { ok: true, value: event.result };
}

function mapResult<T>(
  result: Result,
  schema: z.ZodType<T>,
  make: (value: T) => ProgressUpdate,
): ProgressUpdate[] {
  const parsed = result.ok ? schema.safeParse(result.value) : undefined;
  return parsed?.success ? [make(parsed.data)] : [];
}

function responseEvents<T>(
  input: unknown,
  result: Result,
  schema: z.ZodType<T>,
  say: (value: T) => { state: string; text: string | undefined },
): ProgressUpdate[] {
  const asked = z.object({ step: stepSchema }).safeParse(input);
  if (!asked.success) return [];
  const { action, target } = asked.data.step;
  if (!result.ok)
    return [{ kind: 'response', action, target, state: 'error', text: errorText(result.error) }];
  return mapResult(result, schema, (value) => ({ kind: 'response', action, target, ...say(value) }));
}

/** One of the enrichments of an activity. */
function enrichmentEvents(row: EnrichmentRow, answer: unknown, durationMs: number): ProgressUpdate[] {
  const result = enrichmentSchema.safeParse(answer);
  if (!result.success) return [];
  if (!result.data.ok)
    return [{ kind: 'not-enriched', row, durationMs, error: errorText(result.data.error) }];
  return [{ kind: 'enriched', row, durationMs: result.data.durationMs, brief: brief(result.data.output) }];
}

/** The confirmation, if the check right after the action already proved the effect. */
function immediateConfirmation(input: unknown, result: Result, direction: '' | 'undo '): ProgressUpdate[] {
  const schema = z.object({ confirmation: confirmationSchema });
  if (!result.ok) return [];
  return responseEvents(input, result, schema, ({ confirmation: { state, proof } }) => ({
    state: `${direction}${state}`,
    text: proof,
  }));
}

function rowOf({ action, entityKey, target }: z.infer<typeof taskSchema>): EnrichmentRow {
  return { id: `${action} ${entityKey}`, action, target };
}

const errorText = ({ code, message }: Pick<ErrorInfo, 'code' | 'message'>) => `${code}: ${message}`;

const BRIEF_FACTS = 3;
const BRIEF_LENGTH = 32;

/** The first few plain values of an enrichment's output. */
function brief(output: Readonly<Record<string, unknown>>): string {
  return Object.entries(output)
    .filter(
      ([, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean',
    )
    .filter(([, value]) => String(value).length <= BRIEF_LENGTH)
    .slice(0, BRIEF_FACTS)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
