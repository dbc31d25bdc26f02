/** Incidents and approvals of a running responder. */
import { z } from 'zod';
import { type CaseFile, caseFileSchema, outcomeSchema, stageSchema } from '../domain/case-file.js';
import { severitySchema } from '../domain/incident.js';
import { Api } from './api.js';
import { exitCodes } from './exit-codes.js';
import { CliError } from './problem.js';

const MOST_TRIES = 200;
const BETWEEN_TRIES_MS = 25;

/** One incident in a list. */
export const incidentSummarySchema = z.object({
  instanceId: z.string(),
  runtimeStatus: z.string(),
  createdAt: z.string(),
  state: stageSchema.optional(),
  title: z.string().optional(),
  number: z.string().optional(),
  severity: severitySchema.optional(),
  outcome: outcomeSchema.optional(),
  expiresAt: z.string().optional(),
});
export type IncidentSummary = z.infer<typeof incidentSummarySchema>;

export interface DecisionToSend {
  readonly kind: 'approve' | 'reject';
  readonly planHash: string;
  /** Ids of the plan's steps. */
  readonly steps: readonly string[];
  readonly reason?: string;
}

export class ResponderApi {
  readonly #api: Api;

  constructor(url: string, token: string) {
    this.#api = new Api(url, token);
  }

  async incidents(): Promise<readonly IncidentSummary[]> {
    const list = z.object({ incidents: z.array(incidentSummarySchema) });
    return (await this.#api.get('/api/incidents', list)).body.incidents;
  }

  /** @throws CliError `unknown-incident`. */
  async caseFile(instanceId: string): Promise<CaseFile> {
    return (await this.#api.get(`/api/incidents/${encodeURIComponent(instanceId)}`, caseFileSchema)).body;
  }

  /** Undefined where there is no such incident, or nothing was written about it yet. */
  async findCaseFile(instanceId: string): Promise<CaseFile | undefined> {
    try {
      return await this.caseFile(instanceId);
    } catch (error) {
      if (error instanceof CliError && error.problem.code === 'unknown-incident') return undefined;
      throw error;
    }
  }

  /**
   * The case file once it says so: it is written by signals and follows the orchestration by a moment.
   * @throws CliError `case-file-late` when it does not come to say so.
   */
  async caseFileWhen(instanceId: string, ready: (file: CaseFile) => boolean): Promise<CaseFile> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const file = await this.findCaseFile(instanceId);
      if (file !== undefined && ready(file)) return file;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
    throw new CliError(
      'case-file-late',
      `The case file of ${instanceId} is behind its orchestration.`,
      `Look at it again: responder approvals show ${instanceId}`,
      exitCodes.unexpected,
    );
  }

  /** Those that wait for an analyst. */
  async approvals(): Promise<readonly IncidentSummary[]> {
    const list = z.object({ approvals: z.array(incidentSummarySchema) });
    return (await this.#api.get('/api/approvals', list)).body.approvals;
  }

  /**
   * Sends a decision; it has been judged when this resolves, or it is on its way (`pending`).
   * @throws CliError with the refusal's code: `stale-plan`, `unknown-action`, `already-decided`, `expired`, `ended`, …
   */
  async decide(instanceId: string, decision: DecisionToSend): Promise<'accepted' | 'pending'> {
    const path = `/api/approvals/${encodeURIComponent(instanceId)}/decisions`;
    const { status } = await this.#api.post(path, decision, z.unknown());
    return status === 202 ? 'pending' : 'accepted';
  }
}

/** Puts an incident in as an event would come by HTTP. */
export async function deliverByHttp(url: string, key: string, event: string): Promise<void> {
  const response = await fetch(`${url}/api/incidents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': key },
    body: event,
  });
  if (!response.ok) {
    throw new CliError(
      'not-accepted',
      `The event was answered with ${response.status}: ${await response.text()}`,
    );
  }
}
