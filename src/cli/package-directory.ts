import { fileURLToPath } from 'node:url';

/** The folder of the repository or the installed package, with package.json, fixtures/ and playbooks/. */
export const packageDirectory = fileURLToPath(new URL('../../../', import.meta.url));
