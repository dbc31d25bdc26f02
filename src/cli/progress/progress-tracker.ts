/** Converts the host's events to progress events of an incident. Pure. */
import type { HostEvent } from 'functions-emulator';
import { z } from 'zod';
import { type Outcome, outcomeSchema } from '../../domain/case-file.js';
import { instanceStatusSchema } from '../../domain/instance-status.js';
import { stripControl } from '../strip-control.js';
import { readActivity, readError } from './activities.js';
import type { Note, ProgressEvent } from './progress-events.js';

const ORCHESTRATOR = 'handleIncident';

/** Converts host events to progress events, and filters repetitions. One per host. */
export class ProgressTracker {
  readonly #stages = new Map<string, string>();
  readonly #expiries = new Map<string, string>();
  readonly #inputs = new Map<string, unknown>();
  /** Why its service did not return the incident of an instance. */
  readonly #unread = new Map<string, string>();
  /** The last reported state of each response; an unchanged poll is not reported again. */
  readonly #responses = new Map<string, string>();

  read(event: HostEvent): readonly (ProgressEvent | Note)[] {
    return stripControl(this.#read(event));
  }

  #read(event: HostEvent): readonly (ProgressEvent | Note)[] {
    switch (event.kind) {
      case 'invocation-started':
        if (event.trigger === 'activityTrigger') this.#inputs.set(event.invocationId, event.input);
        return [];
      case 'invocation-ended':
        return this.#ended(event);
      case 'instance-changed':
        return event.name === ORCHESTRATOR ? this.#changed(event) : [];
      case 'timer-set':
        return this.#readingAgain(event);
      case 'diagnostic':
        return [{ kind: 'note', at: event.at, level: 'warning', text: `${event.code}: ${event.message}` }];
      case 'log':
        return note(event);
      default:
        return [];
    }
  }

  /** Marks a stage as already reported. */
  markStage(instanceId: string, stage: string, expiresAt: string): void {
    this.#stages.set(instanceId, stage);
    this.#expiries.set(instanceId, expiresAt);
  }

  #ended(event: Extract<HostEvent, { kind: 'invocation-ended' }>): ProgressEvent[] {
    const { instanceId, invocationId, at } = event;
    const input = this.#inputs.get(invocationId);
    this.#inputs.delete(invocationId);
    if (event.trigger !== 'activityTrigger' || instanceId === undefined) return [];
    const unread = readError(event);
    if (unread === undefined) this.#unread.delete(instanceId);
    else this.#unread.set(instanceId, unread);
    return readActivity(event, input)
      .map((update): ProgressEvent => ({ at, instanceId, ...update }))
      .filter((progress) => this.#isNew(progress));
  }

  /** After a failed read, the orchestration waits; after the last one, it ends. */
  #readingAgain({ instanceId, fireAt, at }: Extract<HostEvent, { kind: 'timer-set' }>): ProgressEvent[] {
    const error = this.#unread.get(instanceId);
    this.#unread.delete(instanceId);
    if (error === undefined) return [];
    return [{ kind: 'reading-again', at, instanceId, error, afterMs: fireAt - at }];
  }

  #isNew(progress: ProgressEvent): boolean {
    if (progress.kind !== 'response') return true;
    const key = `${progress.instanceId} ${progress.action} ${progress.target}`;
    const current = `${progress.state} ${progress.text}`;
    if (this.#responses.get(key) === current) return false;
    this.#responses.set(key, current);
    return true;
  }

  #changed(event: Extract<HostEvent, { kind: 'instance-changed' }>): ProgressEvent[] {
    const about = { at: event.at, instanceId: event.instanceId };
    const events: ProgressEvent[] = [];
    const seen = this.#stages.get(event.instanceId);
    const status = instanceStatusSchema.safeParse(event.customStatus);
    const state = status.success ? status.data.state : undefined;
    if (seen === undefined && (state === undefined || state === 'reading'))
      events.push({ ...about, kind: 'accepted' });
    const expiresAt = status.data?.expiresAt;
    const reported = this.#expiries.get(event.instanceId);
    if (state === 'awaiting-approval' && seen !== state && expiresAt !== undefined)
      events.push({ ...about, kind: 'waiting', expiresAt });
    else if (reported !== undefined && reported !== expiresAt)
      events.push({ ...about, kind: 'waits-until', expiresAt });
    if (expiresAt === undefined) this.#expiries.delete(event.instanceId);
    else this.#expiries.set(event.instanceId, expiresAt);
    const broken = ['Failed', 'Terminated', 'Canceled'].includes(event.runtimeStatus);
    const final = broken || event.runtimeStatus === 'Completed' || state === 'ended';
    if (final && seen !== 'final') events.push({ ...about, ...ending(event, status.data?.outcome) });
    if (broken && seen === 'final') events.push({ ...about, ...ending(event, undefined) });
    this.#stages.set(event.instanceId, final ? 'final' : (state ?? seen ?? 'reading'));
    return events;
  }
}

/** An instance may run on after its incident is handled, as long as steps can be undone. */
function ending(
  event: Extract<HostEvent, { kind: 'instance-changed' }>,
  shown: Outcome | undefined,
): { kind: 'ended'; outcome: Outcome } | { kind: 'broken'; error: string } {
  const output = z.object({ outcome: outcomeSchema }).safeParse(event.output);
  if (event.runtimeStatus === 'Completed' && output.success)
    return { kind: 'ended', outcome: output.data.outcome };
  if (shown !== undefined && ['Running', 'Pending'].includes(event.runtimeStatus))
    return { kind: 'ended', outcome: shown };
  const why = typeof event.output === 'string' ? `: ${event.output}` : '';
  return { kind: 'broken', error: `the orchestration is ${event.runtimeStatus}${why}` };
}

/** The host logs each setting of host.json that only applies to Azure; a local user does not need the list. */
const ROUTINE = /^(?:host|local\.settings)\.json: .*\bnot honoured by this host\b/;

function note(event: Extract<HostEvent, { kind: 'log' }>): Note[] {
  if (ROUTINE.test(event.message)) return [];
  if (event.level !== 'warning' && event.level !== 'error' && event.level !== 'critical') return [];
  const level = event.level === 'warning' ? 'warning' : 'error';
  return [{ kind: 'note', at: event.at, level, text: event.message }];
}
