import { Command } from 'commander';
import type { CommonOptions } from '../approvals/connection.js';
import { withConnection } from './connection-options.js';

export function incidentsCommand(): Command {
  const incidents = new Command('incidents').description(
    'begin again where the handling of an incident stopped',
  );
  withConnection(
    incidents.command('retry').description('try again what failed; approvers decide about it again'),
  )
    .argument('<id>', 'id of the incident, from the list or from its comment')
    .action(async (id: string, options: CommonOptions) =>
      (await import('../incidents/retry.js')).retry(id, options),
    );
  return incidents;
}
