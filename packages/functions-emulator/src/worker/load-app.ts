/** Loads the app in this thread as the real Node worker does: the files of `main`, then the appStart hooks. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findEntryFiles } from './entry-files.js';
import { toDefinition } from './function-definition.js';
import type { AppState } from './functions-core.js';
import type { FaultyFunction, FunctionDefinition, LoadResult } from './worker-types.js';

export interface Loaded {
  readonly result: LoadResult;
  readonly httpUri: string | undefined;
}

/**
 * @param hookData what appStart and appTerminate hooks share
 * @param earlierLoads how often this thread has loaded the app before: its entry files run again, what they import does not
 */
export async function loadApp(
  directory: string,
  state: AppState,
  hookData: object,
  earlierLoads: number,
): Promise<Loaded> {
  const failed = (stage: 'entry' | 'appStart', error: unknown, file?: string): Loaded => ({
    result: { kind: 'failed', stage, message: text(error), file },
    httpUri: undefined,
  });
  const entry = findEntryFiles(directory);
  if (typeof entry === 'string') return failed('entry', entry, 'package.json');
  if (earlierLoads > 0) forget(entry.files.map((file) => join(directory, file)));
  for (const file of entry.files) {
    state.loading = file;
    try {
      await loadFile(join(directory, file), entry.isModule, earlierLoads);
    } catch (error) {
      return failed('entry', entry.adviceFor(file) + text(error), file);
    }
  }
  try {
    for (const hook of state.hooks.appStart) await hook({ hookData });
  } catch (error) {
    return failed('appStart', error);
  }
  const capabilities = (await state.model?.getCapabilities({})) ?? {};
  state.locked = true;

  const functions: FunctionDefinition[] = [];
  const faulty: FaultyFunction[] = [];
  for (const { metadata, scriptFile } of state.functions.values()) {
    const definition = toDefinition(metadata, scriptFile);
    if ('fault' in definition) faulty.push(definition);
    else functions.push(definition);
  }
  const httpUri = capabilities.HttpUri;
  return { result: { kind: 'loaded', functions, faulty, enableHttpStream: httpUri !== undefined }, httpUri };
}

async function loadFile(path: string, isModule: boolean, earlierLoads: number): Promise<void> {
  if (path.endsWith('.mjs') || (isModule && !path.endsWith('.cjs'))) {
    const url = pathToFileURL(path);
    if (earlierLoads > 0) url.searchParams.set('load', String(earlierLoads));
    await import(url.href);
    return;
  }
  createRequire(path)(path);
}

/** CommonJS entry files run again when they are required the next time. */
function forget(paths: readonly string[]): void {
  for (const path of paths) {
    const require = createRequire(path);
    delete require.cache[require.resolve(path)];
  }
}

function text(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
