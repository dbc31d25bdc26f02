import { z } from 'zod';
import { compareText } from '../domain/canonical.js';
import type { CheckedPlaybook } from './playbook.js';
import { type PlaybookProblem, problem } from './problems.js';
import { type PlaybookContext, readPlaybook } from './read-playbook.js';
import { YamlSource } from './yaml-source.js';

export interface PlaybookText {
  readonly path: string;
  readonly text: string;
}
export interface LoadedPlaybooks {
  /** The playbooks without problems, in the order of their file names. */
  readonly playbooks: readonly CheckedPlaybook[];
  /** Everything that is wrong with the others. */
  readonly problems: readonly PlaybookProblem[];
}

/** Reads playbooks and checks each of them, and that their ids differ. */
export function loadPlaybooks(files: readonly PlaybookText[], context: PlaybookContext): LoadedPlaybooks {
  const playbooks: CheckedPlaybook[] = [];
  const problems: PlaybookProblem[] = [];
  const fileOfId = new Map<string, string>();
  for (const { path, text } of [...files].sort((a, b) => compareText(a.path, b.path))) {
    const source = YamlSource.parse(path, text, 'id, title, when, respond');
    if (!(source instanceof YamlSource)) {
      problems.push(...source);
      continue;
    }
    const loaded = readPlaybook(source, context);
    if ('problems' in loaded) problems.push(...loaded.problems);
    const id = 'problems' in loaded ? idSchema.parse(source.data).id : loaded.id;
    const other = id === undefined ? undefined : fileOfId.get(id);
    if (other !== undefined) {
      const message = `the id "${id}" is already used in ${other}`;
      problems.push(problem('duplicate-id', source.place(['id']), message, 'choose another id'));
      continue;
    }
    if (id !== undefined) fileOfId.set(id, path);
    if (!('problems' in loaded)) playbooks.push(loaded);
  }
  return { playbooks, problems };
}
const idSchema = z.object({ id: z.string().optional().catch(undefined) }).catch({});
