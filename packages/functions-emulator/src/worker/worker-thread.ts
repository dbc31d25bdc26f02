/** One life of the app's thread: from its start, through its calls, to its end; the host of the app may change. */
import { Worker } from 'node:worker_threads';
import { withTimeout } from '../real-time.js';
import { MessageBatcher } from './message-batcher.js';
import { SentHistory } from './sent-history.js';
import type { FromThread, ThreadData, ToThread } from './thread-messages.js';
import type { InvocationRequest, InvocationResult, LoadResult, WorkerOptions } from './worker-types.js';

/** How long a thread may take to stop before it is terminated. */
const stopGraceMs = 5_000;
/** The app's memory. V8 lets garbage pile up in proportion to it; a small plan in Azure has no more either. */
const MEMORY_MB = 768;
/** How long calls that still run may delay that another host gets the thread. */
const LAST_CALLS_MS = 1_000;
/** Node.js never releases a module: each load of the app leaves some megabytes. */
const MOST_LOADS = 40;

/** What the thread needs to know of the host that it works for. */
type Owner = Pick<WorkerOptions, 'environment' | 'sharedClock' | 'onLog' | 'onDiagnostic'>;

export interface WorkerThread {
  /** Loads the app for a host. Undefined when the thread ended before. */
  load(owner: Owner): Promise<LoadResult | undefined>;
  /** Removes the app; its libraries stay loaded. False if this thread is of no use for another host. */
  unload(): Promise<boolean>;
  /** Why it ended: on request, with exit code 0 after it was loaded, or by a fault. */
  readonly ended: Promise<{
    readonly reason: 'requested' | 'silent-exit' | 'fault';
    readonly message: string;
  }>;
  readonly httpUri: string | undefined;
  /** Whether another thread replaces it. */
  replaced: boolean;
  call(request: InvocationRequest): Promise<InvocationResult>;
  /** Drops a call whose result is no longer awaited. */
  abandon(invocationId: string): void;
  /** Resolves when no call is running. */
  drained(): Promise<void>;
  failAll(message: string): void;
  /** Runs the app's appTerminate hooks and ends the thread, by force if it does not listen. */
  end(): Promise<void>;
  kill(): void;
}

interface Call {
  readonly request: InvocationRequest;
  readonly settle: (result: InvocationResult) => void;
}

export function spawnWorkerThread(
  options: Pick<WorkerOptions, 'appDirectory' | 'hostVersion' | 'environment'>,
): WorkerThread {
  const { appDirectory, hostVersion } = options;
  const data: ThreadData = { appDirectory, hostVersion };
  const worker = new Worker(new URL('./thread-entry.js', import.meta.url), {
    workerData: data,
    env: { ...options.environment },
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  const calls = new Map<string, Call>();
  const sentHistory = new SentHistory();
  const whenDrained: (() => void)[] = [];
  let owner: Owner | undefined;
  let onReady: ((result: LoadResult) => void) | undefined;
  let onUnloaded: (() => void) | undefined;
  let httpUri: string | undefined;
  let expected = false;
  let error: string | undefined;
  /** It has answered what loading came to. */
  let isReady = false;
  let isLoaded = false;
  let loads = 0;

  const print = (level: 'information' | 'error') => (text: string) => {
    for (const line of text.split(/\r?\n/)) {
      if (line !== '') owner?.onLog({ level, category: 'Host.Function.Console', message: line });
    }
  };
  worker.stdout.setEncoding('utf8').on('data', print('information'));
  worker.stderr.setEncoding('utf8').on('data', print('error'));

  const forget = (invocationId: string): void => {
    calls.delete(invocationId);
    if (calls.size === 0) for (const resolve of whenDrained.splice(0)) resolve();
  };
  const drained = (): Promise<void> =>
    calls.size === 0 ? Promise.resolve() : new Promise((resolve) => whenDrained.push(resolve));
  const batcher = new MessageBatcher<ToThread>((messages) => worker.postMessage(messages));
  const send = ({ turn, ...request }: InvocationRequest, whole: boolean): void =>
    batcher.add({ kind: 'invoke', request: { ...request, turn: turn && sentHistory.send(turn, whole) } });

  const ended: WorkerThread['ended'] = new Promise((resolve) => {
    worker.on('error', (thrown: unknown) => {
      error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    });
    worker.on('exit', (code) => {
      const why = expected
        ? 'The app was stopped before the call ended.'
        : `The app ended its process with exit code ${code}.`;
      const reason = expected
        ? 'requested'
        : code === 0 && isReady && error === undefined
          ? 'silent-exit'
          : 'fault';
      resolve({ reason, message: error ?? why });
    });
  });
  const take = (message: FromThread): void => {
    if (message.kind === 'log') {
      owner?.onLog(message);
    } else if (message.kind === 'diagnostic') {
      owner?.onDiagnostic?.(message);
    } else if (message.kind === 'result') {
      calls.get(message.invocationId)?.settle(message.result);
      forget(message.invocationId);
    } else if (message.kind === 'history-miss') {
      const call = calls.get(message.invocationId);
      if (call) send(call.request, true);
    } else if (message.kind === 'unloaded') {
      onUnloaded?.();
    } else {
      httpUri = message.httpUri;
      isReady = true;
      isLoaded = message.result.kind === 'loaded';
      onReady?.(message.result);
    }
  };
  worker.on('message', (messages: readonly FromThread[]) => messages.forEach(take));

  return {
    load(by) {
      owner = by;
      isReady = false;
      isLoaded = false;
      loads += 1;
      worker.ref();
      const { environment, sharedClock } = by;
      batcher.add({ kind: 'load', environment, sharedClock });
      const ready = new Promise<LoadResult>((resolve) => {
        onReady = resolve;
      });
      return Promise.race([ready, ended.then(() => undefined)]);
    },
    async unload() {
      // A server of the app's own would still listen.
      if (!isLoaded || httpUri !== undefined || loads >= MOST_LOADS) return false;
      // Most calls end soon. To load everything in a new thread takes longer than to wait for them.
      await withTimeout(LAST_CALLS_MS, drained());
      if (calls.size > 0) return false;
      let isUnloaded = false;
      const unloaded = new Promise<void>((resolve) => {
        onUnloaded = () => {
          isUnloaded = true;
          resolve();
        };
      });
      batcher.add({ kind: 'unload' });
      await withTimeout(stopGraceMs, Promise.race([unloaded, ended]));
      if (!isUnloaded) return false;
      owner = undefined;
      // A thread that no host uses does not keep the process running.
      worker.unref();
      return true;
    },
    ended,
    get httpUri() {
      return httpUri;
    },
    replaced: false,
    call(request) {
      return new Promise((settle) => {
        calls.set(request.invocationId, { request, settle });
        send(request, false);
      });
    },
    abandon: forget,
    drained,
    failAll(message) {
      for (const { settle } of calls.values()) settle({ kind: 'fault', message });
      calls.clear();
    },
    async end() {
      expected = true;
      batcher.add({ kind: 'stop' });
      await withTimeout(stopGraceMs, ended);
      await worker.terminate();
      await ended;
    },
    kill() {
      expected = true;
      void worker.terminate();
    },
  };
}
