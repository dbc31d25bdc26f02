import { Command } from 'commander';
import { type CommonOptions, connect, withConnection } from '../approvals/connection.js';
import { type DecideOptions, decide } from '../approvals/decide.js';
import { findApproval } from '../approvals/find.js';
import { approvalLines, auditLines, queueLines } from '../approvals/texts.js';
import { exitCodes } from '../exit-codes.js';
import { printable } from '../printable.js';
import { openTerminal } from '../terminal.js';

const ID = 'id of the request, or of its incident where that is clear';
const DECISIONS = [
  ['approve', 'approve steps of a request: what they do is shown first'],
  ['reject', 'reject a request'],
  ['extend', 'ask for more time'],
  ['undo', 'undo what was carried out'],
] as const;

export function approvalsCommand(): Command {
  const approvals = new Command('approvals').description('see and decide what waits for an analyst');
  withConnection(approvals.command('list').description('requests, the one that expires first at the top'))
    .option('--decided', 'those that were decided, and what may be undone')
    .action(list);
  withConnection(approvals.command('show').description('one request: what it asks for, and what came of it'))
    .argument('<id>', ID)
    .action(show);
  for (const [kind, description] of DECISIONS) {
    const command = withConnection(approvals.command(kind).description(description)).argument('<id>', ID);
    if (kind === 'approve' || kind === 'undo') {
      const all = kind === 'undo' ? 'all' : 'what others approved, else what can be undone';
      command.option(
        '--step <id>',
        `a step, as \`show\` gives it; repeat it for more (default: ${all})`,
        collect,
      );
    }
    command
      .option('--reason <text>', kind === 'reject' ? 'needed; kept in the audit' : 'kept in the audit')
      .option('--if-revision <revision>', 'only if the request is still at this one, as `show` gives it')
      .option('--yes', 'send without asking')
      .action((id: string, options: DecideOptions) =>
        decide(kind, id, { ...options, step: options.step ?? [] }),
      );
  }
  withConnection(approvals.command('audit').description('who said what about a request, and what counted'))
    .argument('<id>', ID)
    .action(audit);
  return approvals.addHelpText('after', HELP);
}

const HELP = `
Exit codes: ${exitCodes.ok} done, ${exitCodes.unexpected} unexpected, ${exitCodes.invalid} input or sign-in that cannot be used, ${exitCodes.refused} the decision does not count
  (stale, too late, made already, or not yours to make; the code on stderr says which).

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
    return terminal.line(options.decided ? 'nothing was decided yet' : 'nothing waits for a decision');
  for (const line of queueLines(printable(approvals), Date.now(), terminal.paint)) terminal.line(line);
}

async function show(id: string, options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const approval = await findApproval(connect(options), id);
  if (terminal.json) return terminal.data(approval);
  for (const line of approvalLines(printable(approval), Date.now(), terminal.paint)) terminal.line(line);
}

async function audit(id: string, options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const api = connect(options);
  const entries = await api.audit((await findApproval(api, id)).request.id);
  if (terminal.json) return terminal.data(entries);
  for (const line of auditLines(printable(entries), terminal.paint)) terminal.line(line);
}
