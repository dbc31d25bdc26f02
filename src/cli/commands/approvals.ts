import { Command } from 'commander';
import type { CommonOptions } from '../approvals/connection.js';
import type { DecideOptions } from '../approvals/decide.js';
import type { ListOptions } from '../approvals/show.js';
import { exitCodes } from '../exit-codes.js';
import { withConnection } from './connection-options.js';

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
    .action(async (options: ListOptions) => (await import('../approvals/show.js')).list(options));
  withConnection(approvals.command('show').description('show one request: steps, decisions and results'))
    .argument('<id>', ID)
    .action(async (id: string, options: CommonOptions) =>
      (await import('../approvals/show.js')).show(id, options),
    );
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
      .action(async (id: string, options: DecideOptions) =>
        (await import('../approvals/decide.js')).decide(kind, id, { ...options, step: options.step ?? [] }),
      );
  }
  withConnection(approvals.command('audit').description('show the audit trail of a request'))
    .argument('<id>', ID)
    .action(async (id: string, options: CommonOptions) =>
      (await import('../approvals/show.js')).audit(id, options),
    );
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
