/** Runs the app in a thread of its own, replaces the thread when it dies, and keeps account of the calls in it. */
import { Worker } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './messages.js';
import type { AppWorker, InvocationRequest, InvocationResult, LoadResult, WorkerOptions } from './types.js';

export type * from './types.js';

/** The real host gives up at this many faults, unless half an hour passed between two of them. */
const maximumFaults = 3;
const faultMemoryMs = 30 * 60_000;
/** How long a thread that was told to stop may take before it is ended by force. */
const stopGraceMs = 5_000;
/** How long the other calls of a thread with one that timed out may go on before it is replaced. */
const replaceGraceMs = 3_000;

interface Call {
  readonly request: InvocationRequest;
  readonly settle: (result: InvocationResult) => void;
}

/** One life of the app's thread. */
interface Thread {
  readonly worker: Worker;
  readonly calls: Map<string, Call>;
  readonly ended: Promise<void>;
  error: string | undefined;
  stopping: boolean;
  /** One of its calls timed out; another thread takes its place. */
  replacing: boolean;
}

/** Makes the app's worker. Nothing runs before `load`. */
export function createAppWorker(options: WorkerOptions): AppWorker {
  let thread: Thread | undefined;
  let httpUri: string | undefined;
  let ready: Promise<LoadResult> | undefined;
  let gaveUp: string | undefined;
  let stopped = false;
  let faults = 0;
  let lastFault = 0;

  function start(): Promise<LoadResult> {
    return new Promise((resolve) => {
      const data: ThreadData = {
        appDirectory: options.appDirectory,
        hostVersion: options.hostVersion,
        sharedClock: options.sharedClock,
      };
      const worker = new Worker(new URL('./thread.js', import.meta.url), {
        workerData: data,
        env: { ...options.environment },
        stdout: true,
        stderr: true,
      });
      let end = (): void => {};
      const life: Thread = {
        worker,
        calls: new Map(),
        ended: new Promise((done) => {
          end = done;
        }),
        error: undefined,
        stopping: false,
        replacing: false,
      };
      thread = life;
      worker.stdout.setEncoding('utf8').on('data', (text: string) => console('information', text));
      worker.stderr.setEncoding('utf8').on('data', (text: string) => console('error', text));
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'result') {
          const call = life.calls.get(message.invocationId);
          life.calls.delete(message.invocationId);
          call?.settle(message.result);
        } else if (message.kind === 'log') {
          options.onLog(message);
        } else {
          httpUri = message.httpUri;
          resolve(message.result);
          // The real host starts the worker again a few times and then ends; a hook that throws throws again.
          if (message.result.kind === 'failed' && message.result.stage === 'appStart') giveUp();
        }
      });
      worker.on('error', (error: unknown) => {
        life.error = error instanceof Error ? (error.stack ?? error.message) : String(error);
      });
      worker.on('exit', (code) => {
        end();
        const message = life.error ?? `The app ended its process with exit code ${code}.`;
        if (life.stopping) failAll(life, 'The app was stopped before the call ended.');
        else fault(life, message);
        const failed: LoadResult = { kind: 'failed', stage: 'entry', message, file: undefined };
        resolve(gaveUp === undefined && !stopped ? (ready ?? failed) : failed);
      });
    });
  }

  function console(level: 'information' | 'error', text: string): void {
    for (const line of text.split(/\r?\n/)) {
      if (line !== '') options.onLog({ level, category: 'Host.Function.Console', message: line });
    }
  }

  function failAll(life: Thread, message: string): void {
    for (const call of life.calls.values()) call.settle({ kind: 'fault', message });
    life.calls.clear();
  }

  /** The thread died by itself: its calls fail at once, later ones wait for the next thread. */
  function fault(life: Thread, message: string): void {
    const now = performance.now();
    faults = now - lastFault > faultMemoryMs ? 1 : faults + 1;
    lastFault = now;
    options.onLog({ level: 'error', category: 'Worker', message });
    if (faults < maximumFaults && !stopped) ready = start();
    failAll(life, message);
    if (faults >= maximumFaults) giveUp();
  }

  function giveUp(): void {
    gaveUp =
      'Exceeded language worker restart retry count for runtime:node. Shutting down and proactively recycling the Functions Host to recover';
    if (thread) thread.stopping = true;
    void thread?.worker.terminate();
    options.onLog({ level: 'error', category: 'Worker', message: gaveUp });
    options.onGiveUp?.(gaveUp);
  }

  /** Tells the thread to stop and waits for its end, by force after a while. */
  async function end(life: Thread): Promise<void> {
    life.stopping = true;
    post(life, { kind: 'stop' });
    const force = setTimeout(() => void life.worker.terminate(), stopGraceMs);
    await life.ended;
    clearTimeout(force);
  }

  /** The thread may hang, so it is replaced; whoever calls meanwhile waits for the new one. */
  async function replace(life: Thread, message: string): Promise<void> {
    options.onLog({ level: 'error', category: 'Worker', message });
    if (!life.replacing && !stopped) {
      life.replacing = true;
      ready = (async () => {
        await drained(life);
        await end(life);
        return start();
      })();
    }
    await ready;
  }

  function drained(life: Thread): Promise<void> {
    return new Promise((resolve) => {
      const deadline = performance.now() + replaceGraceMs;
      const look = setInterval(() => {
        if (life.calls.size > 0 && performance.now() < deadline) return;
        clearInterval(look);
        resolve();
      }, 20);
    });
  }

  function post(life: Thread, message: ToThread): void {
    life.worker.postMessage(message);
  }

  function call(life: Thread, request: InvocationRequest): Promise<InvocationResult> {
    return new Promise((settle) => {
      life.calls.set(request.invocationId, { request, settle });
      post(life, { kind: 'invoke', request });
    });
  }

  /** Real time on purpose: a handler that hangs also holds the virtual clock. */
  function limited(life: Thread, request: InvocationRequest, limitMs: number): Promise<InvocationResult> {
    return new Promise((settle) => {
      const watchdog = setTimeout(() => {
        const limit = new Date(limitMs).toISOString().slice(11, 19);
        const message = `Timeout value of ${limit} was exceeded by function: Functions.${request.functionName}`;
        life.calls.delete(request.invocationId);
        void replace(life, message).then(() => settle({ kind: 'fault', message }));
      }, limitMs);
      void call(life, request).then((result) => {
        clearTimeout(watchdog);
        settle(result);
      });
    });
  }

  return {
    load() {
      ready = start();
      return ready;
    },
    async invoke(request) {
      const current = ready;
      if (!current) return { kind: 'fault', message: 'The app is not loaded.' };
      const loaded = await current;
      if (ready !== current) return this.invoke(request);
      if (gaveUp !== undefined || stopped || !thread) {
        return { kind: 'fault', message: gaveUp ?? 'The host has stopped.' };
      }
      if (loaded.kind === 'failed') return { kind: 'fault', message: loaded.message };
      return options.functionTimeoutMs === undefined
        ? call(thread, request)
        : limited(thread, request, options.functionTimeoutMs);
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await ready;
      if (thread && gaveUp === undefined) await end(thread);
    },
    get httpUri() {
      return httpUri;
    },
  };
}
