/** One recorded incident in virtual time: event in, decisions at their times, result out. */
import { performance } from 'node:perf_hooks';
import { type Clock, type HostEvent, virtualClock } from 'functions-emulator';
import { z } from 'zod';
import type { CaseFile } from '../../domain/case-file.js';
import { type Incident, incidentSchema } from '../../domain/incident.js';
import { instanceStatusSchema } from '../../domain/instance-status.js';
import { deliverByHttp, ResponderApi } from '../approvals-api.js';
import { newSecret } from '../data-directory.js';
import { exitCodes } from '../exit-codes.js';
import type { Fixture, PlannedDecision } from '../fixture.js';
import { CliError } from '../problem.js';
import { type Responder, type ResponderOptions, startResponder, type TenantSource } from '../responder.js';
import { signInToken, signInTokenOf } from '../sign-in.js';
import { type ReplayResult, resultOf } from './result.js';

/** An incident that has not ended after this virtual time never ends. */
const HORIZON_MS = 60 * 24 * 3_600_000;
const ORCHESTRATOR = 'handleIncident';

export interface ReplayRun {
  readonly file: CaseFile;
  readonly result: ReplayResult;
  /** As it was read; undefined if that failed. */
  readonly incident: Incident | undefined;
  readonly realMs: number;
}

/** @throws CliError `replay-stuck`, `app-failed`, `not-recorded`, `simulated-unknown-calls`. */
export async function replay(
  fixture: Fixture,
  source: TenantSource,
  files: Pick<ResponderOptions, 'playbooksDirectory' | 'policyFile'> = {},
): Promise<ReplayRun> {
  const began = performance.now();
  const startMs = Date.parse(fixture.about.startsAt);
  const clock = virtualClock(startMs);
  // Nothing may run ahead of the event.
  const release = clock.hold('starting');
  const secret = newSecret();
  const end = new CompletionWatcher(fixture.instanceId);
  const responder = await startResponder({
    source,
    clock,
    signInSecret: secret,
    analysts: fixture.about.analysts,
    port: 0,
    serviceBusPort: 0,
    onEvent: (event) => end.onHostEvent(event),
    ...files,
  });
  try {
    const api = new ResponderApi(responder.host.url, signInToken(secret));
    for (const decision of fixture.decisions) {
      const analyst = fixture.about.analysts.find(({ name }) => name === decision.by);
      const token = analyst === undefined ? undefined : signInTokenOf(secret, analyst.id);
      const decidingApi = token === undefined ? api : new ResponderApi(responder.host.url, token);
      clock.at(
        startMs + decision.afterSeconds * 1000,
        () => void decideAt(clock, decidingApi, fixture, decision, end),
      );
    }
    clock.at(startMs + HORIZON_MS, () => end.stuck());
    await deliverByHttp(responder.host.url, responder.host.keys.function, fixture.event);
    release();
    const endedAt = await end.completedAt;
    // Hold the clock while the result is read: later timers must not fire.
    const hold = clock.hold('reading the result');
    const file = await api.caseFileWhen(fixture.instanceId, ({ stage }) => stage === 'ended');
    hold();
    refuseUnknownCalls(responder);
    const result = resultOf(file, endedAt - startMs);
    return { file, result, incident: end.incident, realMs: performance.now() - began };
  } finally {
    await responder.stop();
  }
}

const readSchema = z.object({ value: z.object({ incident: incidentSchema }) });

/** The instance itself may run longer, as long as steps can be undone. */
function isHandled(customStatus: unknown): boolean {
  const status = instanceStatusSchema.safeParse(customStatus);
  return status.success && status.data.state === 'ended';
}

/** Determines when the incident was handled, by the virtual clock. */
class CompletionWatcher {
  readonly completedAt: Promise<number>;
  incident: Incident | undefined;
  readonly #problems: string[] = [];
  #resolve: (at: number) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(private readonly instanceId: string) {
    this.completedAt = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.completedAt.catch(() => undefined);
  }

  onHostEvent(event: HostEvent): void {
    if (event.kind === 'log' && (event.level === 'error' || event.level === 'critical')) {
      this.#problems.push(event.message);
    }
    if (event.kind === 'invocation-ended' && event.name === 'readIncident') {
      this.incident = readSchema.safeParse(event.result).data?.value.incident ?? this.incident;
    }
    if (event.kind !== 'instance-changed' || event.name !== ORCHESTRATOR) return;
    if (event.instanceId !== this.instanceId) this.refuse(event.instanceId);
    else if (event.runtimeStatus === 'Completed' || isHandled(event.customStatus)) {
      this.#resolve(event.at);
    } else if (['Failed', 'Terminated', 'Canceled'].includes(event.runtimeStatus)) {
      this.fail('incident-broken', `The orchestration is ${event.runtimeStatus}: ${String(event.output)}`);
    }
  }

  stuck(): void {
    this.fail('replay-stuck', 'The incident had not ended after 60 days of virtual time.');
  }

  refuse(started: string): void {
    const message = `fixture.json, at origin: the event starts ${started}, not ${this.instanceId}.`;
    this.#reject(
      new CliError(
        'another-incident',
        message,
        'Set origin to the incident of event.json: responder normalise shows its key.',
      ),
    );
  }

  fail(code: string, message: string): void {
    this.#reject(
      new CliError(code, [message, ...this.#problems].join('\n  '), undefined, exitCodes.unexpected),
    );
  }

  failWith(error: unknown): void {
    this.#reject(error);
  }
}

async function decideAt(
  clock: Clock,
  api: ResponderApi,
  { instanceId }: Fixture,
  decision: PlannedDecision,
  end: CompletionWatcher,
): Promise<void> {
  const release = clock.hold('an analyst decides');
  try {
    const { approvals } = await api.caseFile(instanceId);
    const purpose = decision.kind === 'undo' ? 'undo' : 'respond';
    const open = approvals.filter((request) => request.state === 'waiting' && request.purpose === purpose);
    for (const { id } of open) await decideAbout(api, id, decision);
  } catch (error) {
    end.failWith(error);
  } finally {
    release();
  }
}

/** Decides one request, unless it has none of the decision's actions. */
async function decideAbout(
  api: ResponderApi,
  requestId: string,
  { kind, actions, reason }: PlannedDecision,
): Promise<void> {
  const { steps, etag } = await api.approval(requestId);
  const chosen = steps.filter(({ action }) => actions?.includes(action) ?? true).map(({ id }) => id);
  if (chosen.length === 0) return;
  const covered = kind === 'approve' || kind === 'undo' ? chosen : [];
  try {
    await api.decide(requestId, etag, { kind, steps: covered, reason });
  } catch (error) {
    // A refused decision is part of the case file, and so of the result.
    if (!(error instanceof CliError)) throw error;
  }
}

function refuseUnknownCalls({ simulator }: Responder): void {
  const unknown = simulator?.unknownCalls() ?? [];
  if (unknown.length === 0) return;
  const calls = unknown.map(({ method, host, path }) => `${method} ${host}${path}`);
  throw new CliError(
    'simulated-unknown-calls',
    `The simulated tenant has no answer for: ${calls.join(', ')}`,
  );
}
