/** Runs the app in its own thread, restarts the thread after a fault, and tracks in-flight invocations. */
import { monotonicNow, withTimeout } from '../real-time.js';
import type { WarmThreads } from './warm-threads.js';
import { spawnWorkerThread, type WorkerThread } from './worker-thread.js';
import type {
  AppWorker,
  InvocationRequest,
  InvocationResult,
  LoadResult,
  WorkerOptions,
} from './worker-types.js';

/** The real host stops restarting after this many faults, unless half an hour passed between two of them. */
const maximumFaults = 3;
const faultMemoryMs = 30 * 60_000;
/** How long the app may take to load. */
const loadLimitMs = 30_000;
/** How long the other calls of a thread with a timed-out call may continue before it is replaced. */
const replaceGraceMs = 3_000;
const silentExitMessage =
  'The app ended its process with exit code 0. As on the real host, this is not detected: its calls and all later ones wait forever.';
const shutdownMessage =
  'Exceeded language worker restart retry count for runtime:node. Shutting down and proactively recycling the Functions Host to recover';

/**
 * Creates the app's worker. Nothing runs before `load`.
 * @param warmThreads where its thread comes from, and goes when the host stops
 */
export function createAppWorker(options: WorkerOptions, warmThreads?: WarmThreads): AppWorker {
  let thread: WorkerThread | undefined;
  let ready: Promise<LoadResult> | undefined;
  let state: 'running' | 'failed' | 'stopped' = 'running';
  /** The thread has ended and the host has not noticed. */
  let exitedSilently = false;
  /** The thread is kept for another host. */
  let isKept = false;
  let faultCount = 0;
  let lastFault = { at: 0, message: '' };
  const startListeners = new Map<string, (httpUri: string) => void>();

  const logError = (message: string): void => options.onLog({ level: 'error', category: 'Worker', message });

  async function start(): Promise<LoadResult> {
    const warm = warmThreads?.take(options.appDirectory);
    if (warm !== undefined) {
      const result = await loadWithTimeout(warm);
      if (result?.kind === 'loaded') {
        use(warm);
        return result;
      }
      // A library may not stand it that the app loads again.
      await warm.end();
    }
    const spawned = spawnWorkerThread(options);
    use(spawned);
    const result = await loadWithTimeout(spawned);
    // A thread that ended while loading has a successor, unless the restart limit is reached.
    const successor = state === 'running' && thread !== spawned ? ready : undefined;
    return (
      result ?? successor ?? { kind: 'failed', stage: 'process', message: lastFault.message, file: undefined }
    );
  }

  function use(started: WorkerThread): void {
    thread = started;
    void started.ended.then(({ reason, message }) => {
      if (isKept) return; // It has another host by now.
      if (reason === 'silent-exit') {
        logError(silentExitMessage);
        exitedSilently = true;
        return;
      }
      if (reason === 'fault') onFault(message);
      started.failAll(message);
    });
  }

  async function loadWithTimeout(spawned: WorkerThread): Promise<LoadResult | undefined> {
    const message = `The app was not loaded within ${loadLimitMs / 1000} s. Is there a top-level await that never ends?`;
    let result: LoadResult | undefined = { kind: 'failed', stage: 'process', message, file: undefined };
    await withTimeout(
      loadLimitMs,
      spawned.load(options).then((loaded) => {
        result = loaded;
      }),
    );
    return result;
  }

  /** The thread ended unexpectedly: its calls fail at once, later ones wait for the next thread. */
  function onFault(message: string): void {
    const now = monotonicNow();
    faultCount = now - lastFault.at > faultMemoryMs ? 1 : faultCount + 1;
    lastFault = { at: now, message };
    logError(message);
    if (faultCount >= maximumFaults) stopRestarting();
    else if (state === 'running') ready = start();
  }

  function stopRestarting(): void {
    shutDown();
    options.onRestartLimit?.(shutdownMessage);
  }

  function shutDown(): void {
    state = 'failed';
    thread?.kill();
    logError(shutdownMessage);
  }

  /** Replaces a thread with a hanging handler; new calls wait for the new thread. */
  function replace(old: WorkerThread): void {
    if (thread !== old || old.replaced || state !== 'running') return;
    old.replaced = true;
    ready = (async () => {
      await withTimeout(replaceGraceMs, old.drained());
      await old.end();
      return start();
    })();
  }

  /** Real time on purpose: a handler that hangs also holds the virtual clock. */
  async function callWithTimeout(
    on: WorkerThread,
    request: InvocationRequest,
    limitMs: number,
  ): Promise<InvocationResult> {
    let result: InvocationResult | undefined;
    await withTimeout(
      limitMs,
      on.call(request).then((answer) => {
        result = answer;
      }),
    );
    if (result) return result;
    const limit = new Date(limitMs).toISOString().slice(11, 19);
    const message = `Timeout value of ${limit} was exceeded by function: Functions.${request.functionName}`;
    logError(message);
    on.abandon(request.invocationId);
    replace(on);
    await ready;
    return { kind: 'fault', message };
  }

  async function invoke(request: InvocationRequest): Promise<InvocationResult> {
    const started = startListeners.get(request.invocationId);
    startListeners.delete(request.invocationId);
    for (let current = ready; current !== undefined; current = ready) {
      const loaded = await current;
      if (ready !== current) continue; // replaced meanwhile
      if (state !== 'running' || !thread) return { kind: 'fault', message: `The host has ${state}.` };
      if (loaded.kind === 'failed') return { kind: 'fault', message: loaded.message };
      if (exitedSilently) return new Promise(() => {});
      if (thread.httpUri !== undefined) started?.(thread.httpUri);
      return options.functionTimeoutMs === undefined
        ? thread.call(request)
        : callWithTimeout(thread, request, options.functionTimeoutMs);
    }
    return { kind: 'fault', message: 'The app is not loaded.' };
  }

  return {
    async load() {
      ready = start();
      const loaded = await ready;
      if (loaded.kind === 'failed' && loaded.stage === 'appStart') shutDown();
      return loaded;
    },
    invoke,
    async stop() {
      if (state !== 'running') return;
      state = 'stopped';
      await ready;
      if (thread !== undefined && warmThreads !== undefined)
        isKept = await warmThreads.keep(options.appDirectory, thread);
      if (!isKept) await thread?.end();
    },
    onInvocationStart: (invocationId, started) => void startListeners.set(invocationId, started),
  };
}
