/** What a package.json lists is what its sources import: the root's production dependencies are deployed. */

import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { transformSync } from 'rolldown/utils';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { repository, typescriptFiles } from './repository.js';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const manifest = (folder: string) =>
  JSON.parse(readFileSync(repository(folder, 'package.json'), 'utf8')) as Manifest;

/** Names of the packages that the files import at run time. */
function imported(files: readonly string[]): string[] {
  const names = new Set<string>();
  for (const file of files) {
    const { code, errors } = transformSync(file, readFileSync(repository(file), 'utf8'), {
      // As in the build: imports of types are left out, and no others.
      typescript: { onlyRemoveTypeImports: true },
      tsconfig: false,
    });
    if (errors.length > 0) throw new Error(`${file} cannot be read`);
    for (const { fileName } of ts.preProcessFile(code, true, true).importedFiles) {
      const [scope = '', name = ''] = fileName.split('/');
      if (fileName.startsWith('.') || fileName.startsWith('node:') || builtinModules.includes(fileName))
        continue;
      names.add(scope.startsWith('@') ? `${scope}/${name}` : scope);
    }
  }
  // Only a Functions host can provide it.
  names.delete('@azure/functions-core');
  return [...names].sort();
}

describe('the production dependencies', () => {
  const root = typescriptFiles(repository(), 'src');

  it('of the root are what the app imports', () => {
    const app = root.filter((file) => !file.startsWith('src/cli/'));
    expect(Object.keys(manifest('.').dependencies ?? {}).sort()).toEqual(imported(app));
  });

  it('of the command line are development dependencies of the root', () => {
    const { dependencies, devDependencies } = manifest('.');
    const known = Object.keys({ ...dependencies, ...devDependencies });
    expect(imported(root).filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(['functions-emulator', 'tenant-simulator'])('of %s are what it imports', (name) => {
    const folder = `packages/${name}`;
    expect(Object.keys(manifest(folder).dependencies ?? {}).sort()).toEqual(
      imported(typescriptFiles(repository(), `${folder}/src`)),
    );
    const { devDependencies } = manifest('.');
    expect(devDependencies?.[name]).toBe(`file:${folder}`);
  });
});
