/** Incidents and approvals of a running responder. */
import { z } from 'zod';
import { type CaseFile, caseFileSchema, outcomeSchema, stageSchema } from '../domain/case-file.js';
import { severitySchema } from '../domain/incident.js';
import { Api } from './api.js';
import { CliError } from './problem.js';

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
