import type { CaseFile } from '../../domain/case-file.js';
import type { Approval, DecisionToSend, ResponderApi } from '../approvals-api.js';
import { CliError } from '../problem.js';

/** `incident-{40 hex}`: enough for an incident with one request of the kind. */
const INSTANCE_ID = /^incident-[0-9a-f]{40}$/;

export function isIncidentId(id: string): boolean {
  return INSTANCE_ID.test(id);
}

/**
 * The request with this id. For the id of an incident: its only request that fits the decision.
 * @throws CliError `unknown-request`, `several-requests`.
 */
export async function findApproval(
  api: ResponderApi,
  id: string,
  kind?: DecisionToSend['kind'],
): Promise<Approval> {
  if (!isIncidentId(id)) return api.approval(id);
  const { approvals } = await api.caseFile(id);
  const ofKind = approvals.filter(({ purpose }) => (purpose === 'undo') === (kind === 'undo'));
  const open = ofKind.filter(({ state }) => state === 'waiting');
  const fitting = open.length > 0 ? open : ofKind;
  const [only, ...others] = fitting;
  if (only === undefined) {
    throw new CliError(
      'unknown-request',
      `${id} has no request ${kind === undefined ? 'yet' : `to ${kind}`}.`,
      'See: responder approvals list',
    );
  }
  if (others.length > 0) {
    throw new CliError(
      'several-requests',
      `${id} has ${fitting.length} matching requests.`,
      `Name one: ${fitting.map((request) => request.id).join(', ')}`,
    );
  }
  return api.approval(only.id);
}

/** The case file of the request's run; undefined if a later run of the incident has replaced it. */
export async function caseOf(
  api: ResponderApi,
  { request: { id, instanceId } }: Approval,
): Promise<CaseFile | undefined> {
  const file = await api.findCaseFile(instanceId);
  return file?.approvals.some((request) => request.id === id) ? file : undefined;
}
