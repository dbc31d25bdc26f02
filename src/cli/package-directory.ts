import { fileURLToPath } from 'node:url';

/** The repository, or the installed package: where package.json, fixtures/ and playbooks/ are. */
export const packageDirectory = fileURLToPath(new URL('../../../', import.meta.url));
