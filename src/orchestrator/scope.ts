import type { IncidentRef } from '../actions/define.js';
import { cleanErrorText } from '../domain/error-text.js';
import { toErrorInfo } from '../domain/errors.js';
import { firstActivityOf } from '../domain/first-activity.js';
import type { Incident } from '../domain/incident.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import { NO_INVOLVED, storedInvolved } from '../domain/involved.js';
import { ownChangesOf } from '../domain/own-changes.js';
import type { SealedMessage, Sealer } from '../domain/sealed.js';
import type { Submission } from '../domain/submission.js';
import type { Unfinished } from '../domain/unfinished.js';
import type { Excluded } from '../domain/update.js';
import type { ConflictContext } from './activities.js';
import type { Aliases } from './aliases.js';
import type { CaseRecorder } from './case-recorder.js';
import type { Context } from './durable.js';
import type { Inbox } from './inbox.js';
import type { Involvement } from './involvement.js';
import type { Lifecycle } from './lifecycle.js';
import type { Waiting } from './waiting.js';

/** What every part of one instance uses. */
export interface RunScope {
  readonly ctx: Context;
  readonly seal: Sealer['seal'];
  /** The input of the instance. */
  readonly start: SealedMessage;
  readonly record: CaseRecorder;
  readonly waiting: Waiting;
  readonly inbox: Inbox;
  readonly aliases: Aliases;
  readonly involvement: Involvement;
  readonly origin: IncidentOrigin;
  readonly lifecycle: Lifecycle;
  /** The trigger, and the authenticated submitter, if any. */
  readonly submission: Submission;
}
/** The scope once the incident has been read. */
export interface IncidentScope extends RunScope {
  readonly incident: Incident;
  readonly ref: IncidentRef;
}

export function incidentRef(incident: Incident): IncidentRef {
  const firstActivityAt = firstActivityOf(incident);
  return {
    key: incident.key,
    origin: incident.origin,
    title: incident.title,
    number: incident.number,
    ...(firstActivityAt === undefined ? {} : { firstActivityAt }),
  };
}

/** `3 steps`, `1 step`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Records an unexpected error in the case file and leaves the incident to an analyst. */
export function recordFailure({ record }: RunScope, thrown: unknown, unfinished: Unfinished): void {
  const error = toErrorInfo(thrown);
  const message = cleanErrorText(error.message);
  record.add({
    text: `The incident could not be handled further: ${message}`,
    changes: { outcome: 'needs-analyst', unfinished, error: { ...error, message } },
  });
}

/** Collects who must not decide about the incident. */
export function conflictContext({ incident, involvement, record }: IncidentScope): ConflictContext {
  const { submitters = [], otherOrigins: others } = record.file;
  const own = ownChangesOf(record.file);
  return {
    origin: incident.origin,
    involved: involvement.all,
    submitters,
    ...(others === undefined ? {} : { others }),
    ...(own.length === 0 ? {} : { own }),
  };
}

/** Who must not decide, for the instance that handles the same incident under another key. */
export function excludedBy({ record }: RunScope, incident: Incident): Excluded {
  const { involved, submitters = [] } = record.file;
  return { submitters, involved: storedInvolved(involved, [incident.involved ?? NO_INVOLVED]) };
}
