/** The activities up to the plan: read the incident, enrich it, let its playbook decide. */
import type { IncidentRef } from '../actions/define.js';
import { enrichments } from '../actions/registry.generated.js';
import { runEnrichment } from '../actions/run.js';
import { contentHash, hashPlan } from '../approvals/index.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import { type Incident, OTHER_TENANT } from '../domain/incident.js';
import type { OwnChanges } from '../domain/incident-change.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import type { ConditionRecord } from '../domain/plan.js';
import { stepIdIn, targetKeyOf } from '../domain/settled.js';
import { unreadParts } from '../domain/unread-parts.js';
import type { Update } from '../domain/update.js';
import { defenderAliasOf, instanceIdOf } from '../intake/index.js';
import {
  type ActivityOutput,
  type DecideInput,
  type EnrichmentResult,
  type EnrichmentTask,
  findingOf,
  type IncidentRead,
  START_NOT_SEALED,
} from '../orchestrator/index.js';
import { choosePlaybook, compileEnrichments, decide, targetRequests } from '../playbook/index.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { ownAliasOf } from './aliases.js';
import { openRequests } from './approval-activities.js';
import { byName } from './by-name.js';
import { contentOf } from './incident-content.js';
import { publishesEvents } from './lifecycle-events.js';
import { openUpdates } from './open-updates.js';
import { readIncident } from './read-incident.js';
import { resultFrom, toResult } from './result.js';
import { sealer } from './sealing.js';
import { services } from './services.js';
import { contextOf } from './step-context.js';
import { withSuspicion } from './suspicion.js';
import { resolveTargets } from './targets.js';
import { teamsSetup } from './teams/setup.js';
import { requireTenant } from './tenants.js';

type PlannedEnrichments = Pick<IncidentRead, 'playbook' | 'undecided' | 'alsoApplied' | 'tasks' | 'findings'>;

export const planningActivities: Pick<ActivityHandlers, 'readIncident' | 'enrich' | 'decide'> = {
  readIncident: async ({ origin, start, instanceId, updates, own }, context) => {
    if (!sealer.open(start, { purpose: 'start', instanceId }).ok) return toResult(notStartedByUs);
    const { generation } = start;
    const opened = openUpdates(updates, { instanceId, generation });
    const result = await toResult(() => readFor({ origin, own }, opened, (text) => context.warn(text)));
    const failed = result.ok ? result.value.unread?.error : result.error;
    if (failed !== undefined) {
      const what = result.ok ? `The ${result.value.unread?.part} of incident` : 'Incident';
      context.warn(`${what} ${instanceId} could not be read (${failed.code}): ${failed.message}`);
    }
    const publishes = publishesEvents(origin) ? { publishes: true as const } : {};
    if (result.ok) return { ok: true, value: { ...result.value, ...publishes } };
    if (updates.length === 0 && publishes.publishes === undefined) return result;
    return { ok: true, value: { updates: opened, failed: result.error, ...publishes } };
  },

  enrich: ({ incident, tasks, thenDecide }) =>
    toResult(async () => {
      const results = await Promise.all(tasks.map((task) => enrich(incident, task)));
      const isOver = results.every((result) => result.ok || result.error.retry === 'no');
      if (thenDecide === undefined || !isOver) return { results };
      const found = tasks.flatMap((task, i) => (results[i] === undefined ? [] : findingOf(task, results[i])));
      // If planning fails, the findings are still returned; a separate activity then makes the plan.
      const decided = await toResult(() =>
        makePlan({ ...thenDecide, findings: [...found, ...thenDecide.findings] }),
      );
      return decided.ok ? { results, decided: decided.value } : { results };
    }),

  decide: (input) => toResult(() => makePlan(input)),
};

type Warn = (text: string) => void;

interface ToRead {
  readonly origin: IncidentOrigin;
  readonly own: OwnChanges | undefined;
}

async function readFor(
  { origin, own: changes }: ToRead,
  updates: Update[],
  warn: Warn,
): Promise<IncidentRead> {
  const { incident: found, unread, ended } = await readIncident(origin, changes);
  const named = defenderAliasOf(found.aliases ?? []);
  const own = ownAliasOf(found.aliases ?? [], origin);
  const incident = named === own ? found : withWarning(found, named);
  const planned = await enrichmentsFor(incident, warn);
  // What is over needs no handling, and its copy in another service may still be open.
  const isOver = incident.status === 'closed' || incident.status === 'merged';
  const alias = origin.kind === 'defender' ? incident.key : own;
  return {
    incident,
    ...(unread ? { unread } : {}),
    ...(ended.length > 0 ? { ended: [...ended] } : {}),
    content: contentOf(incident, planned.playbook?.id),
    ...(alias === undefined || isOver ? {} : { alias: instanceIdOf(alias) }),
    updates,
    lacksEntities: lacksEntities(incident),
    ...planned,
  };
}

/** An incident that names one of another tenant is handled without that one. */
function withWarning(incident: Incident, value: string | undefined): Incident {
  const warning = { path: 'aliases', code: OTHER_TENANT, ...(value === undefined ? {} : { value }) };
  return { ...incident, warnings: [...incident.warnings, warning] };
}

/**
 * Whether an open incident should have entities but has none: its alerts may not be there yet, or the playbook acts on
 * entities. Sentinel adds them minutes after the event: https://learn.microsoft.com/azure/sentinel/entities
 */
function lacksEntities(incident: Incident): boolean {
  const { status, entities, alerts } = incident;
  if (status === 'closed' || status === 'merged' || entities.length > 0) return false;
  const { playbook } = choosePlaybook(requireTenant(incident.origin).playbooks, incident);
  return playbook === undefined
    ? alerts.length === 0
    : playbook.respond.some((rule) => rule.for !== 'incident');
}

/** The playbook that applies, with its enrichment tasks. An error here does not discard the incident that was read. */
async function enrichmentsFor(incident: Incident, warn: Warn): Promise<PlannedEnrichments> {
  try {
    return await planEnrichments(incident, warn);
  } catch (thrown) {
    return { alsoApplied: [], tasks: [], findings: [], undecided: toErrorInfo(thrown) };
  }
}

async function planEnrichments(incident: Incident, warn: Warn): Promise<PlannedEnrichments> {
  const { playbooks } = requireTenant(incident.origin);
  const { playbook, alsoApplied, conditions } = choosePlaybook(playbooks, incident);
  const nothing = { alsoApplied: [], tasks: [], findings: [] };
  if (playbook === undefined) {
    const unknown = conditions.filter(({ result }) => result === 'unknown');
    return unknown.length === 0 ? nothing : { ...nothing, undecided: playbookUnknown(unknown) };
  }
  const { id, title, hash } = playbook;
  const { catalogue } = services();
  const compiled = compileEnrichments(playbook, incident, catalogue);
  const known = compiled.isLimited ? await withSuspicion(incident, warn) : incident;
  const { tasks, findings } = known === incident ? compiled : compileEnrichments(playbook, known, catalogue);
  return {
    playbook: { id, title, hash },
    alsoApplied: [...alsoApplied],
    tasks: tasks.map((task) => ({ ...task, input: { ...task.input } })),
    findings: [...findings, ...unreadParts(incident)],
  };
}

async function makePlan(input: DecideInput): Promise<ActivityOutput<'decide'>> {
  const { run, incident, playbookId, alsoApplied, findings, submission, round, settled, former = [] } = input;
  const { catalogue } = services();
  const tenant = requireTenant(incident.origin);
  const playbook = byName(tenant.playbooks, playbookId);
  const { wanted, known } = targetRequests(playbook, incident, findings, catalogue);
  const targets = new Map([...known, ...(await resolveTargets(wanted, incident))]);
  const { decision, body } = decide(playbook, incident, findings, catalogue, {
    targets,
    tenantId: tenant.id,
    alsoApplied,
  });
  const steps = body.steps
    .filter((step) => !settled.includes(targetKeyOf(step)))
    .map((step) => ({ ...step, id: stepIdIn(former, step, round) }));
  const plan = hashPlan({ ...body, ...(round === undefined ? {} : { round }), steps });
  const channels = teamsSetup(tenant) !== undefined;
  const approvals = await openRequests(plan, run, submission, tenant);
  return { decision, plan, approvals, channels, proposal: contentHash(body).slice(0, 32) };
}

async function enrich(incident: IncidentRef, task: EnrichmentTask): Promise<EnrichmentResult> {
  const result = await resultFrom(async () => {
    const action = byName(enrichments, task.action);
    const context = contextOf(incident, task.action, task.entityKey);
    const called = await runEnrichment(action, task.input, { ...context, deadlineMs: task.deadlineMs });
    if (!called.ok) return called;
    const { value: output, record, durationMs } = called;
    return { ok: true, value: { output, record, durationMs } };
  });
  return result.ok ? { ok: true, ...result.value } : result;
}

/** The error for an unsealed start: any client of the durable extension can start an instance with any input. */
function notStartedByUs(): never {
  throw new ResponderError({
    code: START_NOT_SEALED,
    message: 'The responder did not start this instance; nothing was read and nothing was done.',
    fault: 'caller',
    retry: 'no',
    next: 'Find out who has the system key of the durable extension, and renew the key.',
  });
}

/** If a playbook condition is unknown, an analyst must handle the incident: unknown is not the same as no match. */
function playbookUnknown(conditions: readonly ConditionRecord[]): ErrorInfo {
  const each = conditions.map(({ rule, because }) => `${rule} (${because.join('; ')})`);
  return {
    code: 'playbook-unknown',
    message: `It is unknown whether a playbook applies: ${each.join(', ')}.`,
    fault: 'caller',
    retry: 'no',
    next: 'Handle the incident manually; use has(…) in the condition for fields that may be missing.',
  };
}
