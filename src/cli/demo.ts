/** The recorded incident that `start` delivers, and its automatic approval. */

import type { Host } from 'functions-emulator';
import type { Simulator } from 'tenant-simulator';
import type { CaseFile, Effect } from '../domain/case-file.js';
import type { ResponderApi } from './approvals-api.js';
import { newDataDirectory } from './data-directory.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import type { Fixture } from './fixture.js';
import { CliError, toProblem } from './problem.js';
import type { Display } from './progress/display.js';
import type { Note, ProgressEvent } from './progress/progress-events.js';
import { INCIDENTS_QUEUE } from './responder.js';
import { resultLines } from './result-lines.js';
import type { Terminal } from './terminal.js';
import { writtenComment } from './written-comment.js';

export interface DemoParts {
  readonly fixture: Fixture;
  readonly api: ResponderApi;
  readonly host: Host;
  readonly simulator: Simulator | undefined;
  readonly display: Display;
  readonly terminal: Terminal;
  /** One for each analyst of the fixture: two of them approve a request that needs two people. */
  readonly approvers: readonly ResponderApi[];
  readonly autoApprove: boolean;
}

export class Demo {
  /** With automatic approval, resolves with the exit code at the end. Without, it never resolves. */
  readonly handled: Promise<ExitCode>;
  #end: (code: ExitCode) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(private readonly parts: DemoParts) {
    this.handled = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    // A caller that races this promise may have ended before.
    this.handled.catch(() => undefined);
  }

  get #instanceId(): string {
    return this.parts.fixture.instanceId;
  }

  /** Delivers the incident, unless this data directory already has it. */
  async begin(): Promise<void> {
    const { api, fixture, display } = this.parts;
    const incidents = await api.incidents();
    const known = incidents.find(({ instanceId }) => instanceId === this.#instanceId);
    if (known === undefined) {
      display.line(`delivering fixtures/${fixture.name}/event.json to the Service Bus queue`);
      await this.#deliver();
      return;
    }
    display.line(`fixtures/${fixture.name} was already delivered`);
    display.line(`  To run it again, use another folder: --data-directory ${newDataDirectory()}`);
    if (known.state === 'ended') await this.#reportResult();
    else if (known.state === 'awaiting-approval') await this.#approveWaiting();
  }

  /** Handles one progress event. */
  handle(progress: ProgressEvent | Note): void {
    if (progress.kind === 'note' || progress.instanceId !== this.#instanceId) return;
    if (progress.kind === 'waiting') this.#reportErrors(this.#approveWaiting());
    if (progress.kind === 'ended') this.#reportErrors(this.#reportResult());
    if (progress.kind === 'broken')
      this.#fail(new CliError('incident-broken', progress.error, undefined, exitCodes.unexpected));
  }

  #reportErrors(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (this.parts.autoApprove) this.#fail(error);
      else this.parts.terminal.problem(toProblem(error));
    });
  }

  async #deliver(): Promise<void> {
    const { host, fixture } = this.parts;
    if (host.serviceBusConnectionString === undefined) {
      throw new CliError(
        'real-namespace',
        'A real Service Bus namespace is configured, so the demo incident is not sent.',
        'Start with --no-demo, or remove ServiceBusConnection from the settings.',
      );
    }
    const { ServiceBusClient } = await import('@azure/service-bus');
    const client = new ServiceBusClient(host.serviceBusConnectionString);
    try {
      const body: unknown = JSON.parse(fixture.event);
      await client.createSender(INCIDENTS_QUEUE).sendMessages({ body, contentType: 'application/json' });
    } finally {
      await client.close();
    }
  }

  async #approveWaiting(): Promise<void> {
    const { api, autoApprove, display } = this.parts;
    if (!autoApprove) return;
    const { approvals } = await api.caseFileWhen(this.#instanceId, (file) => file.approvals.length > 0);
    // Another process or a person may have decided already.
    const waiting = approvals.filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond');
    if (waiting.length > 0) display.line('--auto-approve: approving all steps');
    for (const { id } of waiting) await this.#approve(id);
  }

  /** The analysts approve one after the other until the request is approved; some of them may not be approvers. */
  async #approve(requestId: string): Promise<void> {
    const reason = 'Approved automatically by --auto-approve, to try out the responder.';
    let refusal: unknown;
    for (const api of this.parts.approvers) {
      const { request, etag } = await api.approval(requestId);
      if (request.state !== 'waiting') return;
      try {
        const decision = { kind: 'approve', steps: request.stepIds, reason } as const;
        const { code } = await api.decide(requestId, etag, decision);
        if (code === 'approved') return;
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        refusal = error;
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  async #reportResult(): Promise<void> {
    const { api, terminal, display, autoApprove, simulator } = this.parts;
    const file = await api.caseFileWhen(this.#instanceId, ({ stage }) => stage === 'ended');
    const comment = writtenComment(simulator?.state(), file.comment?.id);
    if (terminal.json) terminal.data({ kind: 'result', file, comment });
    else for (const line of resultLines(file, comment, terminal)) display.line(line);
    if (autoApprove) this.#end(exitCodeOf(file));
  }
}

export function exitCodeOf(file: CaseFile): ExitCode {
  if (file.outcome === 'rejected' || file.outcome === 'expired') return exitCodes.notApproved;
  const good: readonly Effect['state'][] = ['confirmed', 'already-done', 'handed-over'];
  const proved = file.effects.every(({ state }) => good.includes(state));
  return proved && file.outcome !== 'needs-analyst' ? exitCodes.ok : exitCodes.notRemediated;
}
