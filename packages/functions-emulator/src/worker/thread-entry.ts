/** Entry point of the app's thread: installs the core module and the clock, then loads the app and runs invocations. */
import { parentPort, workerData } from 'node:worker_threads';
import { wallClock } from '../clock.js';
import { installCoreModule, type LogSink, removeApp } from './functions-core.js';
import { HistoryCache } from './history-cache.js';
import { hasInvocationHooks, invoke, invokeOrchestrator } from './invoke.js';
import { LibraryInternals } from './library-internals.js';
import { loadApp } from './load-app.js';
import { MessageBatcher } from './message-batcher.js';
import { ProcessListeners } from './process-listeners.js';
import type {
  FromThread,
  LoadRequest,
  SentRequest,
  SentTurn,
  ThreadData,
  ToThread,
} from './thread-messages.js';
import type { InvocationResult } from './worker-types.js';

const port = parentPort;
if (!port) throw new Error('thread-entry.js runs only as a worker thread of the host.');
const { appDirectory, hostVersion } = workerData as ThreadData;

let time: Float64Array = new Float64Array([Number.NaN]);
const wall = wallClock();
Object.defineProperty(globalThis, Symbol.for('durable-host.clock'), {
  value: {
    now(): number {
      const now = time[0];
      return now === undefined || Number.isNaN(now) ? wall.now() : now;
    },
  },
});

const batcher = new MessageBatcher<FromThread>((messages) => port.postMessage(messages));
const send = (message: FromThread): void => batcher.add(message);
const log: LogSink = (level, category, message, invocationId) => {
  send({ kind: 'log', level, category, message, ...(invocationId === undefined ? {} : { invocationId }) });
  // It may be the last that the app does.
  batcher.flush();
};

const state = installCoreModule(hostVersion, log);
const ownListeners = new ProcessListeners();
const internals = new LibraryInternals(
  () => hasInvocationHooks(state),
  (missing) =>
    send({
      kind: 'diagnostic',
      code: 'library-unknown',
      message: `${missing} Everything works, but turns take more time and memory.`,
    }),
);
const historyCache = new HistoryCache(internals);
let hookData = {};
/** How often an app was loaded in this thread. */
let loads = 0;

port.on('message', (messages: readonly ToThread[]) => messages.forEach(take));

function take(message: ToThread): void {
  if (message.kind === 'load') void load(message);
  else if (message.kind === 'unload') void unload();
  else if (message.kind === 'stop') void stop();
  else if (message.request.turn === undefined) void runFunction(message.request);
  else void runTurn(message.request, message.request.turn);
}

async function load({ environment, sharedClock }: LoadRequest): Promise<void> {
  time = new Float64Array(sharedClock);
  for (const name of Object.keys(process.env))
    if (!Object.hasOwn(environment, name)) delete process.env[name];
  Object.assign(process.env, environment);
  hookData = {};
  const { result, httpUri } = await loadApp(appDirectory, state, hookData, loads++);
  send({ kind: 'ready', result, httpUri });
}

async function unload(): Promise<void> {
  await terminateApp();
  ownListeners.removeOthers();
  removeApp(state);
  // What the app has printed belongs to its host: it takes another way than messages.
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => void stream.write('', () => resolve()));
  send({ kind: 'unloaded' });
}

async function runFunction(request: SentRequest): Promise<void> {
  const { invocationId } = request;
  send({ kind: 'result', invocationId, result: await invoke(request, state, log) });
}

async function runTurn(request: SentRequest, turn: SentTurn): Promise<void> {
  const { invocationId } = request;
  const value = historyCache.triggerValue(turn);
  const result = value && (await invokeOrchestrator(request, value, state, log, internals));
  if (result === undefined) {
    send({ kind: 'history-miss', invocationId });
    return;
  }
  if (isLast(result)) historyCache.evict(turn.executionId);
  send({ kind: 'result', invocationId, result });
}

/** Whether the library reports that the orchestrator's code has completed. */
function isLast(result: InvocationResult): boolean {
  if (result.kind !== 'ok') return true;
  const { returnValue } = result;
  return returnValue !== undefined && 'json' in returnValue && returnValue.json.startsWith('{"isDone":true');
}

async function stop(): Promise<void> {
  await terminateApp();
  process.exit(0);
}

async function terminateApp(): Promise<void> {
  try {
    // Each runs once, even if the thread is ended because they take too long.
    for (const hook of state.hooks.appTerminate.splice(0)) await hook({ hookData });
  } catch (error) {
    log('error', 'Worker', `An appTerminate hook failed: ${String(error)}`);
  }
}
