/** Replays exported histories against an app without starting a host: no endpoints, no store. */

import { replayExportedHistory } from './durable/history-replay.js';
import { knownFunctions } from './durable/turn/out-of-proc-shim.js';
import { HostError } from './errors.js';
import { HOST_VERSION } from './host-resources.js';
import { readSettings } from './settings.js';
import type { ReplayResult } from './types.js';
import { createAppWorker } from './worker/app-worker.js';

/**
 * Replays histories from `Host.exportHistory` against the orchestrators of a built app.
 * @param appDirectory the app's folder, with package.json and host.json
 * @param histories parsed JSON, one for each instance
 * @param settings the app's settings; they override the environment and local.settings.json
 * @returns one result for each history, in their order
 * @throws HostError `app-not-found`, `app-failed`, and `data-version` if a history is not an exported one
 */
export async function replayHistories(
  appDirectory: string,
  histories: readonly unknown[],
  given: Readonly<Record<string, string>> = {},
): Promise<ReplayResult[]> {
  const settings = readSettings(appDirectory, process.env, given, []);
  const clock = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  new Float64Array(clock)[0] = Number.NaN;
  const worker = createAppWorker({
    appDirectory: settings.appDirectory,
    environment: settings.environment,
    hostVersion: HOST_VERSION,
    onLog: () => undefined,
    sharedClock: clock,
  });
  try {
    const loaded = await worker.load();
    if (loaded.kind === 'failed')
      throw new HostError('app-failed', `The app could not be loaded: ${loaded.message}`);
    const runner = {
      functions: loaded.functions.filter(({ triggerKind }) => triggerKind === 'orchestrationTrigger'),
      known: knownFunctions(loaded.functions),
      invoke: worker.invoke.bind(worker),
    };
    const results: ReplayResult[] = [];
    for (const history of histories) results.push(await replayExportedHistory(runner, history));
    return results;
  } finally {
    await worker.stop();
  }
}

/** As `replayHistories`, for one. */
export async function replayHistory(
  appDirectory: string,
  history: unknown,
  settings: Readonly<Record<string, string>> = {},
): Promise<ReplayResult> {
  const [result] = await replayHistories(appDirectory, [history], settings);
  return result as ReplayResult;
}
