/** Runs the app in a thread of its own, replaces the thread when it dies, and keeps account of the calls in it. */
import { atMost, stopwatch } from '../clock.js';
import { type Life, startLife } from './life.js';
import type { AppWorker, InvocationRequest, InvocationResult, LoadResult, WorkerOptions } from './types.js';

export type * from './types.js';

/** The real host gives up at this many faults, unless half an hour passed between two of them. */
const maximumFaults = 3;
const faultMemoryMs = 30 * 60_000;
/** How long the app may take to load. */
const loadLimitMs = 30_000;
/** How long the other calls of a thread with one that timed out may go on before it is replaced. */
const replaceGraceMs = 3_000;
const unnoticed =
  'The app ended its process with exit code 0. As on the real host, nobody notices: its calls and all later ones wait for ever.';
const lastWords =
  'Exceeded language worker restart retry count for runtime:node. Shutting down and proactively recycling the Functions Host to recover';

/** Makes the app's worker. Nothing runs before `load`. */
export function createAppWorker(options: WorkerOptions): AppWorker {
  let life: Life | undefined;
  let ready: Promise<LoadResult> | undefined;
  let state: 'running' | 'gave up' | 'stopped' = 'running';
  /** The thread has ended and the host has not noticed. */
  let isGone = false;
  let faults = 0;
  let lastFault = { at: 0, message: '' };
  const watched = new Map<string, (httpUri: string) => void>();

  const complain = (message: string): void => options.onLog({ level: 'error', category: 'Worker', message });

  async function start(): Promise<LoadResult> {
    const fresh = startLife(options);
    life = fresh;
    void fresh.ended.then(({ how, message }) => {
      if (how === 'quietly') {
        complain(unnoticed);
        isGone = true;
        return;
      }
      if (how === 'fault') fault(message);
      fresh.failAll(message);
    });
    const result = await loadedInTime(fresh);
    // A thread that died while it loaded has a successor, unless it was the last.
    const successor = state === 'running' && life !== fresh ? ready : undefined;
    return (
      result ?? successor ?? { kind: 'failed', stage: 'process', message: lastFault.message, file: undefined }
    );
  }

  async function loadedInTime(fresh: Life): Promise<LoadResult | undefined> {
    const message = `The app was not loaded within ${loadLimitMs / 1000} s. Is there a top-level await that never ends?`;
    let result: LoadResult | undefined = { kind: 'failed', stage: 'process', message, file: undefined };
    await atMost(
      loadLimitMs,
      fresh.loaded.then((loaded) => {
        result = loaded;
      }),
    );
    return result;
  }

  /** The thread died by itself: its calls fail at once, later ones wait for the next thread. */
  function fault(message: string): void {
    const now = stopwatch();
    faults = now - lastFault.at > faultMemoryMs ? 1 : faults + 1;
    lastFault = { at: now, message };
    complain(message);
    if (faults >= maximumFaults) giveUp();
    else if (state === 'running') ready = start();
  }

  function giveUp(): void {
    endForGood();
    options.onGiveUp?.(lastWords);
  }

  function endForGood(): void {
    state = 'gave up';
    life?.kill();
    complain(lastWords);
  }

  /** A handler of the thread hangs, so the thread is replaced; whoever calls meanwhile waits for the new one. */
  function replace(old: Life): void {
    if (life !== old || old.replaced || state !== 'running') return;
    old.replaced = true;
    ready = (async () => {
      await atMost(replaceGraceMs, old.empty());
      await old.end();
      return start();
    })();
  }

  /** Real time on purpose: a handler that hangs also holds the virtual clock. */
  async function limited(on: Life, request: InvocationRequest, limitMs: number): Promise<InvocationResult> {
    let result: InvocationResult | undefined;
    await atMost(
      limitMs,
      on.call(request).then((answer) => {
        result = answer;
      }),
    );
    if (result) return result;
    const limit = new Date(limitMs).toISOString().slice(11, 19);
    const message = `Timeout value of ${limit} was exceeded by function: Functions.${request.functionName}`;
    complain(message);
    on.abandon(request.invocationId);
    replace(on);
    await ready;
    return { kind: 'fault', message };
  }

  async function invoke(request: InvocationRequest): Promise<InvocationResult> {
    const started = watched.get(request.invocationId);
    watched.delete(request.invocationId);
    for (let current = ready; current !== undefined; current = ready) {
      const loaded = await current;
      if (ready !== current) continue; // replaced meanwhile
      if (state !== 'running' || !life) return { kind: 'fault', message: `The host has ${state}.` };
      if (loaded.kind === 'failed') return { kind: 'fault', message: loaded.message };
      if (isGone) return new Promise(() => {});
      if (life.httpUri !== undefined) started?.(life.httpUri);
      return options.functionTimeoutMs === undefined
        ? life.call(request)
        : limited(life, request, options.functionTimeoutMs);
    }
    return { kind: 'fault', message: 'The app is not loaded.' };
  }

  return {
    async load() {
      ready = start();
      const loaded = await ready;
      if (loaded.kind === 'failed' && loaded.stage === 'appStart') endForGood();
      return loaded;
    },
    invoke,
    async stop() {
      if (state !== 'running') return;
      state = 'stopped';
      await ready;
      await life?.end();
    },
    watchStart: (invocationId, started) => void watched.set(invocationId, started),
  };
}
