/** A part of this repository in a temporary directory, in which files may be added, built, generated and tested. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const OWN_PACKAGES = ['functions-emulator', 'tenant-simulator'];

export interface RepositoryCopy {
  readonly directory: string;
  remove(): void;
}

/** @param parts files and folders, relative to the root. The copy has the packages of this repository, but its own of `packages`. */
export function copyRepository(parts: readonly string[]): RepositoryCopy {
  // Inside the repository, but not in dist, which tests load as it is.
  mkdirSync(join(root, '.responder'), { recursive: true });
  const directory = mkdtempSync(join(root, '.responder/copy-'));
  for (const part of parts) cpSync(join(root, part), join(directory, part), { recursive: true });
  mkdirSync(join(directory, 'node_modules'));
  const link = (from: string, name: string) =>
    symlinkSync(from, join(directory, 'node_modules', name), 'junction');
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!OWN_PACKAGES.includes(name) && !name.startsWith('.')) link(join(root, 'node_modules', name), name);
  for (const name of OWN_PACKAGES) link(join(directory, 'packages', name), name);
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }) };
}
