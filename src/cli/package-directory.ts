import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository or the installed package, with package.json, fixtures/, playbooks/ and policy/. */
export const packageDirectory = withPackageJson(dirname(fileURLToPath(import.meta.url)));

function withPackageJson(directory: string): string {
  const isHere = existsSync(join(directory, 'package.json')) || dirname(directory) === directory;
  return isHere ? directory : withPackageJson(dirname(directory));
}
