/** Prints the queue, one request, or its audit trail. */
import type { Approval, ResponderApi } from '../approvals-api.js';
import { stripControl } from '../strip-control.js';
import { openTerminal } from '../terminal.js';
import { type CommonOptions, connect } from './connection.js';
import { caseOf, findApproval, isIncidentId } from './find.js';
import { approvalLines, auditLines, queueLines } from './lines.js';

export interface ListOptions extends CommonOptions {
  readonly decided?: boolean;
}

export async function list(options: ListOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const approvals = await connect(options).approvals(options.decided ? 'decided' : 'waiting');
  if (terminal.json) return terminal.data(approvals);
  if (approvals.length === 0)
    return terminal.line(options.decided ? 'no decided requests' : 'no pending requests');
  for (const line of queueLines(stripControl(approvals), Date.now(), terminal.paint)) terminal.line(line);
}

export async function show(id: string, options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const api = connect(options);
  const approval = await findApproval(api, id);
  if (terminal.json) return terminal.data(approval);
  const file = await caseOf(api, approval);
  for (const line of approvalLines(stripControl(approval), Date.now(), terminal.paint, file))
    terminal.line(line);
}

export async function audit(id: string, options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const api = connect(options);
  const { request } = await findApproval(api, id);
  const entries = await api.audit(request.id);
  if (terminal.json) return terminal.data(entries);
  for (const line of await auditHeading(api, id, request)) terminal.line(line);
  for (const line of auditLines(stripControl(entries), terminal.paint)) terminal.line(line);
}

/** Which request this is, and the others of the incident, which have audit trails of their own. */
async function auditHeading(api: ResponderApi, id: string, request: Approval['request']): Promise<string[]> {
  const heading = [`request ${request.id} (tier ${request.tier}, ${request.state})`];
  if (!isIncidentId(id)) return heading;
  const others = (await api.caseFile(id)).approvals.filter((other) => other.id !== request.id);
  return [
    ...heading,
    ...others.map(
      (other) =>
        `  another ${other.purpose === 'undo' ? 'request, to undo' : 'request'}: responder approvals audit ${other.id}`,
    ),
  ];
}
