import { Command } from 'commander';
import type { CommonOptions } from '../approvals/connection.js';
import type { ShowOptions } from '../rejected/commands.js';
import { withConnection } from './connection-options.js';

const ID = 'id of the rejected body, from the list';

export function rejectedCommand(): Command {
  const rejected = new Command('rejected').description('list and resubmit bodies that no trigger could use');
  withConnection(rejected.command('list').description('list rejected bodies, the latest first'))
    .option('--all', 'also list those that were resubmitted or dropped')
    .action(async (options: CommonOptions & { readonly all?: boolean }) =>
      (await import('../rejected/commands.js')).list(options),
    );
  withConnection(rejected.command('show').description('show the reason, and the beginning of the content'))
    .argument('<id>', ID)
    .option('--output <file>', 'write the whole content to a new file, unchanged')
    .action(async (id: string, options: ShowOptions) =>
      (await import('../rejected/commands.js')).show(id, options),
    );
  withConnection(rejected.command('resubmit').description('submit rejected bodies again, unchanged'))
    .argument('<id...>', ID)
    .action(async (ids: string[], options: CommonOptions) =>
      (await import('../rejected/commands.js')).resubmit(ids, options),
    );
  withConnection(rejected.command('drop').description('delete the content of rejected bodies'))
    .argument('<id...>', ID)
    .action(async (ids: string[], options: CommonOptions) =>
      (await import('../rejected/commands.js')).drop(ids, options),
    );
  return rejected;
}
