import { Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import type { RetryOptions } from '../incidents/retry.js';
import { withConnection } from './connection-options.js';

export function incidentsCommand(): Command {
  const incidents = new Command('incidents').description(
    'begin again where the handling of an incident stopped',
  );
  withConnection(
    incidents.command('retry').description('try again what failed; approvers decide about it again'),
  )
    .argument(
      '<id>',
      'id of the incident, from the list or from its comment; or its ARM id, or xdr:{tenant}/{id}',
    )
    .option(
      '--step <name>',
      'id of a step, or its rule or action if only one step has it; repeatable (default: everything that is unfinished)',
      (value: string, all: readonly string[] = []) => [...all, value],
    )
    .action(async (id: string, options: RetryOptions) =>
      (await import('../incidents/retry.js')).retry(id, { ...options, step: options.step ?? [] }),
    );
  return incidents.addHelpText('after', HELP);
}

const HELP = `
Exit codes: ${exitCodes.ok} done, ${exitCodes.unexpected} unexpected, ${exitCodes.invalid} invalid input or sign-in, unknown id, ${exitCodes.refused} refused: still running,
  the end is final, the step is settled (see the code on stderr).

Examples:
  responder incidents retry incident-…
  responder incidents retry incident-… --step isolate-workstation`;
