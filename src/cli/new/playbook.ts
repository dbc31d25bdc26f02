/** A new playbook: valid at once, and to be filled in. */
import { checkName, type Scaffold } from './scaffold.js';
import { playbookText } from './templates/playbook.js';

/** @throws CliError `name-invalid`. */
export function newPlaybook(id: string): Scaffold {
  checkName(id, 'The id');
  const path = `playbooks/${id}.yaml`;
  return {
    files: [{ path, text: playbookText(id) }],
    next: [
      {
        what: `Fill in ${path}: docs/playbooks.md describes the language, docs/reference/actions.md the actions.`,
      },
      { what: 'Check it', command: `npx responder validate ${path}` },
      {
        what: 'See how recorded incidents would be handled with it',
        command: 'npm run replay -- --playbooks playbooks',
      },
    ],
  };
}
