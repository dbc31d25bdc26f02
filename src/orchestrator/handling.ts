import type { IncidentRef } from '../actions/define.js';
import { cleanErrorText } from '../domain/error-text.js';
import { toErrorInfo } from '../domain/errors.js';
import type { HandedIn } from '../domain/handed-in.js';
import type { Incident } from '../domain/incident.js';
import { NOBODY, withRecords } from '../domain/involved.js';
import type { Plan } from '../domain/plan.js';
import type { SealedMessage, Sealer } from '../domain/sealed.js';
import type { ApprovalSubject } from './activities.js';
import type { CaseRecorder } from './case-recorder.js';
import type { Context } from './durable.js';
import type { Waiting } from './waiting.js';

/** What every stage of one instance works with. */
export interface Handling {
  readonly ctx: Context;
  readonly seal: Sealer['seal'];
  /** What the instance was started with. */
  readonly start: SealedMessage;
  readonly record: CaseRecorder;
  readonly waiting: Waiting;
  /** Through which door it came, and who signed for it, where somebody did. */
  readonly handedIn: HandedIn;
}
/** The same, once the incident has been read back. */
export interface IncidentHandling extends Handling {
  readonly incident: Incident;
  readonly ref: IncidentRef;
}

export function incidentRef(incident: Incident): IncidentRef {
  return {
    key: incident.key,
    armId: incident.armId,
    subscriptionId: incident.workspace.subscriptionId,
    resourceGroup: incident.workspace.resourceGroup,
    workspaceId: incident.workspace.customerId,
    title: incident.title,
    number: incident.number,
  };
}

/** `3 steps`, `1 step`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** What nobody foresaw is work for people: the case file says what went wrong. */
export function recordFailure({ record }: Handling, thrown: unknown): void {
  const error = toErrorInfo(thrown);
  const message = cleanErrorText(error.message);
  record.add({
    text: `The incident could not be handled further: ${message}`,
    changes: { outcome: 'needs-analyst', error: { ...error, message } },
  });
}

/** Who must not decide about it, as far as the incident says, and the services about what it names. */
export function approvalSubject(
  { incident, handedIn: { by }, record }: IncidentHandling,
  plan: Plan,
): ApprovalSubject {
  const { armId, involved = NOBODY } = incident;
  const found = record.file.findings.flatMap((finding) => (finding.status === 'ok' ? finding.record : []));
  const records = [...plan.steps.map((step) => step.record), ...found];
  return {
    armId,
    involved: withRecords(involved, records),
    ...(by?.kind === 'person' ? { startedBy: by.id } : {}),
  };
}
