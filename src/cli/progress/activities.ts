/** What the app's activities were given and gave back, as far as a watcher wants to know. */
import { z } from 'zod';
import { judgedDecisionSchema } from '../../domain/approval.js';
import { type ErrorInfo, errorInfoSchema } from '../../domain/errors.js';
import { incidentSchema } from '../../domain/incident.js';
import { decisionRecordSchema, planSchema } from '../../domain/plan.js';
import type { HostEvent } from '../../host/index.js';
import type { Happening, Row } from './facts.js';

type Ended = Extract<HostEvent, { kind: 'invocation-ended' }>;
type Result = { ok: true; value: unknown } | { ok: false; error: Pick<ErrorInfo, 'code' | 'message'> };

const envelopeSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorInfoSchema }),
]);
const legSchema = z.object({ action: z.string(), entityKey: z.string(), target: z.string() });
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
  legs: z.array(legSchema),
});
const decidedSchema = z.object({ decision: decisionRecordSchema, plan: planSchema.optional() });
const decided = ({ decision, plan }: z.infer<typeof decidedSchema>): Happening => ({
  kind: 'decided',
  decision,
  plan,
});

const readers: Readonly<Record<string, (result: Result, input: unknown, durationMs: number) => Happening[]>> =
  {
    readIncident: (result) => [
      ...told(result, z.object({ incident: incidentSchema }), ({ incident }) => ({
        kind: 'read',
        title: incident.title,
        number: incident.number,
        severity: incident.severity,
        alerts: incident.alerts.length,
        entities: incident.entities.length,
      })),
      ...told(result, plannedSchema, ({ playbook, legs }) => ({
        kind: 'enriching',
        playbook: playbook?.title,
        rows: legs.map(rowOf),
      })),
    ],
    enrich(result, input, durationMs) {
      const asked = z.object({ legs: z.array(legSchema) }).safeParse(input);
      const answer = z.object({ results: z.array(z.unknown()), decided: z.unknown().optional() });
      const parsed = result.ok ? answer.safeParse(result.value) : undefined;
      const each = (asked.data?.legs ?? []).flatMap((leg, i) =>
        enriched(rowOf(leg), result.ok ? parsed?.data?.results[i] : result, durationMs),
      );
      return [...each, ...told({ ok: true, value: parsed?.data?.decided }, decidedSchema, decided)];
    },
    decide: (result) => told(result, decidedSchema, decided),
    judgeDecision: (result) =>
      told(result, z.object({ judged: judgedDecisionSchema }), ({ judged: { decision, verdict } }) => ({
        kind: 'judged',
        decision: decision.kind,
        by: decision.by.name,
        accepted: verdict.accepted,
        code: verdict.code,
        message: verdict.message,
      })),
    runResponse: (result, input) => [
      ...response(input, result, z.object({ state: z.string() }), ({ state }) => ({
        state,
        text: undefined,
      })),
      ...atOnce(input, result, ''),
    ],
    confirmResponse: (result, input) =>
      response(input, result, confirmationSchema, ({ state, proof, status, reason }) => ({
        state,
        text: proof ?? status ?? reason,
      })),
    undoResponse: (result, input) => [
      ...response(input, result, z.object({ state: z.string() }), ({ state }) => ({
        state: `undo ${state}`,
        text: undefined,
      })),
      ...atOnce(input, result, 'undo '),
    ],
    confirmUndo: (result, input) =>
      response(input, result, confirmationSchema, ({ state, proof, status, reason }) => ({
        state: `undo ${state}`,
        text: proof ?? status ?? reason,
      })),
    writeComment: (result) =>
      result.ok
        ? told(result, z.object({ id: z.string() }), ({ id }) => ({ kind: 'commented', commentId: id }))
        : [{ kind: 'comment-failed', error: errorText(result.error) }],
  };

/** Nothing for activities that a watcher need not know. */
export function readActivity(event: Ended, input: unknown): Happening[] {
  const reader = readers[event.name];
  return reader?.(resultOf(event), input, event.durationMs) ?? [];
}

function resultOf(event: Ended): Result {
  if (!event.ok)
    return { ok: false, error: { code: 'activity-failed', message: event.error ?? 'it failed' } };
  const parsed = envelopeSchema.safeParse(event.result);
  return parsed.success ? parsed.data : { ok: true, value: event.result };
}

function told<T>(result: Result, schema: z.ZodType<T>, make: (value: T) => Happening): Happening[] {
  const parsed = result.ok ? schema.safeParse(result.value) : undefined;
  return parsed?.success ? [make(parsed.data)] : [];
}

function response<T>(
  input: unknown,
  result: Result,
  schema: z.ZodType<T>,
  say: (value: T) => { state: string; text: string | undefined },
): Happening[] {
  const asked = z.object({ step: stepSchema }).safeParse(input);
  if (!asked.success) return [];
  const { action, target } = asked.data.step;
  if (!result.ok)
    return [{ kind: 'response', action, target, state: 'error', text: errorText(result.error) }];
  return told(result, schema, (value) => ({ kind: 'response', action, target, ...say(value) }));
}

/** One of several enrichments that an activity ran. */
function enriched(row: Row, answer: unknown, durationMs: number): Happening[] {
  const result = enrichmentSchema.safeParse(answer);
  if (!result.success) return [];
  if (!result.data.ok)
    return [{ kind: 'not-enriched', row, durationMs, error: errorText(result.data.error) }];
  return [{ kind: 'enriched', row, durationMs: result.data.durationMs, brief: brief(result.data.output) }];
}

/** The proof, where the first look right after the act gave it. */
function atOnce(input: unknown, result: Result, direction: '' | 'undo '): Happening[] {
  const schema = z.object({ confirmation: confirmationSchema });
  if (!result.ok) return [];
  return response(input, result, schema, ({ confirmation: { state, proof } }) => ({
    state: `${direction}${state}`,
    text: proof,
  }));
}

function rowOf({ action, entityKey, target }: z.infer<typeof legSchema>): Row {
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
