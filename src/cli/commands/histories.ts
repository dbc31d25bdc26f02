import { Command } from 'commander';
import type { CheckOptions } from '../check-histories.js';
import { exitCodes } from '../exit-codes.js';

export function historiesCommand(): Command {
  return new Command('histories').description('check recorded histories of orchestrations').addCommand(
    new Command('check')
      .description('replay recorded histories against the orchestrators of this build: is an upgrade safe?')
      .argument('[path]', 'a folder of exported histories, or one file (default: fixtures/histories)')
      .option('--app <folder>', 'another built app to replay them against')
      .option('--json', 'one JSON object for each history')
      .addHelpText(
        'after',
        `\nExits with ${exitCodes.differs} if an orchestrator diverges from a history.\n\nExamples:\n  responder histories check\n  responder histories check exported/ --app ../next-version`,
      )
      .action(async (path: string | undefined, options: CheckOptions) =>
        (await import('../check-histories.js')).checkHistories(path, options),
      ),
  );
}
