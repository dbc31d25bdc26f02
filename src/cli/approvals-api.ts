/** Incidents and approvals of a running responder. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  acceptedCodeSchema,
  analystDecisionSchema,
  approvalRequestSchema,
  decisionKindSchema,
  evaluatedDecisionSchema,
  requestStateSchema,
} from '../domain/approval.js';
import {
  type CaseFile,
  caseFileSchema,
  effectSchema,
  outcomeSchema,
  stageSchema,
} from '../domain/case-file.js';
import { planStepSchema } from '../domain/plan.js';
import { severitySchema } from '../domain/severity.js';
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

/** One request in the queue. */
export const queueEntrySchema = z.object({
  id: z.string(),
  instanceId: z.string(),
  tier: z.string(),
  purpose: z.enum(['respond', 'undo']),
  state: requestStateSchema,
  revision: z.number(),
  title: z.string(),
  number: z.string().optional(),
  severity: severitySchema,
  asks: z.string().optional(),
  expiresAt: z.string(),
});
export type QueueEntry = z.infer<typeof queueEntrySchema>;
const queueSchema = z.object({ approvals: z.array(queueEntrySchema), next: z.string().optional() });

const requestSchema = approvalRequestSchema.omit({ cards: true });
export const approvalSchema = z.object({
  request: requestSchema,
  incident: z.object({ title: z.string(), number: z.string().optional(), severity: severitySchema }),
  stage: stageSchema,
  outcome: outcomeSchema.optional(),
  steps: z.array(planStepSchema),
  approvalsGiven: z.number(),
  selection: z.array(z.string()).optional(),
  effects: z.array(effectSchema),
  decisions: z.array(evaluatedDecisionSchema),
});
/** A request with its incident and steps, and the revision that a decision must name. */
export type Approval = z.infer<typeof approvalSchema> & { readonly etag: string };

const auditSchema = z.object({
  id: z.string(),
  entries: z.array(
    z.object({
      at: z.string(),
      event: z.string(),
      by: analystDecisionSchema.shape.by.optional(),
      text: z.string(),
      decision: z
        .object({ kind: decisionKindSchema, code: z.string(), revision: z.number(), accepted: z.boolean() })
        .loose()
        .optional(),
      refused: z
        .object({ kind: decisionKindSchema, code: z.string(), revision: z.number().optional() })
        .loose()
        .optional(),
    }),
  ),
});
export type AuditEntry = z.infer<typeof auditSchema>['entries'][number];

const resultSchema = z.object({
  status: z.enum(['accepted', 'pending']),
  decisionId: z.string(),
  code: acceptedCodeSchema.optional(),
  message: z.string(),
});
export type DecisionResult = z.infer<typeof resultSchema>;

export interface DecisionToSend {
  readonly kind: 'approve' | 'reject' | 'extend' | 'undo';
  /** Ids of the plan's steps; nothing for `reject` and `extend`. */
  readonly steps: readonly string[];
  readonly reason?: string | undefined;
}

const retrySchema = z.object({
  status: z.enum(['reading', 'updated', 'restarted']),
  instanceId: z.string(),
});

export class ResponderApi {
  readonly #api: Api;

  constructor(url: string, token: string) {
    this.#api = new Api(url, token);
  }

  async incidents(): Promise<readonly IncidentSummary[]> {
    const list = z.object({ incidents: z.array(incidentSummarySchema), next: z.string().optional() });
    const all: IncidentSummary[] = [];
    for (let path: string | undefined = '/api/incidents'; path !== undefined; ) {
      const { body }: { body: z.infer<typeof list> } = await this.#api.get(path, list);
      all.push(...body.incidents);
      path = body.next;
    }
    return all;
  }

  /** @throws CliError `unknown-incident`. */
  async caseFile(instanceId: string): Promise<CaseFile> {
    return (await this.#api.get(`/api/incidents/${encodeURIComponent(instanceId)}`, caseFileSchema)).body;
  }

  /** Undefined if the incident does not exist or has no case file yet. */
  async findCaseFile(instanceId: string): Promise<CaseFile | undefined> {
    try {
      return await this.caseFile(instanceId);
    } catch (error) {
      if (error instanceof CliError && error.problem.code === 'unknown-incident') return undefined;
      throw error;
    }
  }

  /**
   * Waits until `ready` accepts the case file. Signals write it, so it lags slightly behind the orchestration.
   * @throws CliError `case-file-late` if that takes too long.
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
      `Try again: responder approvals show ${instanceId}`,
      exitCodes.unexpected,
    );
  }

  /**
   * @param steps ids; none: everything that is unfinished
   * @throws CliError `unknown-incident`, `still-running`, `end-is-final`, `unknown-step`, `settled-step`,
   * `handled-elsewhere`.
   */
  async retry(instanceId: string, steps: readonly string[]): Promise<z.infer<typeof retrySchema>> {
    const path = `/api/incidents/${encodeURIComponent(instanceId)}/retry`;
    return (await this.#api.post(path, steps.length === 0 ? {} : { steps }, retrySchema)).body;
  }

  /** All requests of a state, from all pages, soonest expiry first. */
  async approvals(state: 'waiting' | 'decided' = 'waiting'): Promise<readonly QueueEntry[]> {
    const all: QueueEntry[] = [];
    let path: string | undefined = `/api/approvals?state=${state}&limit=200`;
    while (path !== undefined) {
      const { body }: { body: z.infer<typeof queueSchema> } = await this.#api.get(path, queueSchema);
      all.push(...body.approvals);
      path = body.next;
    }
    return all;
  }

  /** @throws CliError `unknown-request`. */
  async approval(requestId: string): Promise<Approval> {
    const { body, etag } = await this.#api.get(pathOf(requestId), approvalSchema);
    return { ...body, etag: etag ?? '' };
  }

  /** @throws CliError `unknown-request`. */
  async audit(requestId: string): Promise<readonly AuditEntry[]> {
    return (await this.#api.get(`${pathOf(requestId)}/audit`, auditSchema)).body.entries;
  }

  /**
   * Sends a decision about the revision that was shown (`etag`). The result is the evaluated decision, or `pending`.
   * @throws CliError with the refusal's code: `stale-revision`, `already-decided`, `not-an-approver`, `expired`, …
   */
  async decide(
    requestId: string,
    etag: string,
    { kind, steps, reason }: DecisionToSend,
  ): Promise<DecisionResult> {
    const reasonField = reason === undefined ? {} : { reason };
    const headers = { 'if-match': etag, 'idempotency-key': randomUUID() };
    const [endpoint, body] =
      kind === 'extend'
        ? ['extend', reasonField]
        : kind === 'undo'
          ? ['undo', { steps, ...reasonField }]
          : ['decisions', { kind, steps, ...reasonField }];
    return (await this.#api.post(`${pathOf(requestId)}/${endpoint}`, body, resultSchema, headers)).body;
  }
}

function pathOf(requestId: string): string {
  return `/api/approvals/${encodeURIComponent(requestId)}`;
}

/** Submits an incident over HTTP. */
export async function deliverByHttp(url: string, key: string, event: string): Promise<void> {
  const response = await fetch(`${url}/api/incidents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': key },
    body: event,
  });
  if (!response.ok) {
    throw new CliError(
      'not-accepted',
      `The event was rejected with HTTP ${response.status}: ${await response.text()}`,
    );
  }
}
