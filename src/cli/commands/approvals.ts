import { Command } from 'commander';
import { type CommonOptions, connect, withConnection } from '../approvals/connection.js';
import { type DecideOptions, decide } from '../approvals/decide.js';
import { caseOf, findApproval, isIncidentId } from '../approvals/find.js';
import { approvalLines, auditLines, queueLines } from '../approvals/lines.js';
import type { Approval, ResponderApi } from '../approvals-api.js';
import { exitCodes } from '../exit-codes.js';
import { stripControl } from '../strip-control.js';
import { openTerminal } from '../terminal.js';

const ID = 'id of the request, or of its incident if only one request fits';
const DECISIONS = [
  ['approve', 'approve steps of a request, after a preview'],
  ['reject', 'reject a request'],
  ['extend', 'request more time'],
  ['undo', 'undo steps that were carried out'],
] as const;

export function approvalsCommand(): Command {
  const approvals = new Command('approvals').description('list and decide pending approvals');
  withConnection(approvals.command('list').description('list pending requests, soonest expiry first'))
    .option('--decided', 'list decided requests, including those that can be undone')
    .action(list);
  withConnection(approvals.command('show').description('show one request: steps, decisions and results'))
    .argument('<id>', ID)
    .action(show);
  for (const [kind, description] of DECISIONS) {
    const command = withConnection(approvals.command(kind).description(description)).argument('<id>', ID);
    if (kind === 'approve' || kind === 'undo') {
      const all = kind === 'undo' ? 'all' : 'the steps that others approved, otherwise the reversible ones';
      command.option(
        '--step <name>',
        `id of a step, or its rule or action if only one step has it, see \`show\`; repeatable (default: ${all})`,
        collect,
      );
    }
    command
      .option(
        '--reason <text>',
        kind === 'reject' ? 'required; stored in the audit trail' : 'stored in the audit trail',
      )
      .option('--if-revision <revision>', 'only if the request still has this revision, see `show`')
      .option('--yes', 'send without confirmation')
      .action((id: string, options: DecideOptions) =>
        decide(kind, id, { ...options, step: options.step ?? [] }),
      );
  }
  withConnection(approvals.command('audit').description('show the audit trail of a request'))
    .argument('<id>', ID)
    .action(audit);
  return approvals.addHelpText('after', HELP);
}

const HELP = `
Exit codes: ${exitCodes.ok} done, ${exitCodes.unexpected} unexpected, ${exitCodes.invalid} invalid input or sign-in, ${exitCodes.refused} decision refused: stale,
  expired, already decided or not authorised (see the code on stderr).

Examples:
  responder approvals list
  responder approvals approve incident-….analysts --reason "confirmed with the user"
  responder approvals reject incident-….analysts --reason "planned maintenance" --yes
  responder approvals approve incident-….leads --as "Kim Larsen"
  responder approvals undo incident-…`;

const collect = (value: string, all: readonly string[] = []) => [...all, value];

async function list(options: CommonOptions & { readonly decided?: boolean }): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const approvals = await connect(options).approvals(options.decided ? 'decided' : 'waiting');
  if (terminal.json) return terminal.data(approvals);
  if (approvals.length === 0)
    return terminal.line(options.decided ? 'no decided requests' : 'no pending requests');
  for (const line of queueLines(stripControl(approvals), Date.now(), terminal.paint)) terminal.line(line);
}

async function show(id: string, options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const api = connect(options);
  const approval = await findApproval(api, id);
  if (terminal.json) return terminal.data(approval);
  const file = await caseOf(api, approval);
  for (const line of approvalLines(stripControl(approval), Date.now(), terminal.paint, file))
    terminal.line(line);
}

async function audit(id: string, options: CommonOptions): Promise<void> {
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
