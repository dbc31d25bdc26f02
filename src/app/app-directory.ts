import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the Functions app: the nearest one above this module with a `host.json`, whether the app is bundled or not.
 * @throws Error if there is none.
 */
export function appDirectory(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'host.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`There is no host.json above ${start}.`);
  }
}
