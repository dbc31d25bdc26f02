/** Rules about code beyond imports: which files may read the time, wait, or read the environment. */
import ts from 'typescript';
import {
  enclosingName,
  importedModule,
  isCallOf,
  isIdentifier,
  isMember,
  isValue,
  mentions,
  writtenProperty,
} from './syntax.js';

export interface Finding {
  readonly rule: string;
  /** `file:line`, the line counted from 1. */
  readonly at: string;
}

interface Rule {
  readonly name: string;
  applies(path: string): boolean;
  breaks(node: ts.Node): boolean;
}

const EMULATOR = 'packages/functions-emulator/src';
const inFolder = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];
const OUTSIDE_WORLD = [
  'crypto',
  'fetch',
  'process',
  'console',
  'performance',
  'globalThis',
  'Intl',
  'require',
];
/** Files that may read the time of the process. */
const CLOCKS = [
  'packages/functions-emulator/src/clock.ts',
  'packages/functions-emulator/src/real-time.ts',
  'src/app/clock.ts',
  // SDKs also check the lifetime of tokens, and they use real time only.
  'packages/tenant-simulator/src/tokens.ts',
];
/** Files that may call setImmediate: for batches, and for answers in a turn of their own. */
const PUT_OFF = [
  'packages/functions-emulator/src/worker/message-batcher.ts',
  'packages/functions-emulator/src/store/store.ts',
  'packages/functions-emulator/src/durable/turn-scheduler.ts',
  'packages/functions-emulator/src/http/listener.ts',
  'packages/functions-emulator/src/servicebus/amqp.ts',
];
/** Files with real timeouts: keep-alive of the HTTP port, requests to a Service Bus namespace, and a lock without any wait. */
const GIVE_TIMEOUTS = [
  'packages/functions-emulator/src/http/listener.ts',
  'packages/functions-emulator/src/servicebus/trigger-listener.ts',
  'packages/functions-emulator/src/store/database.ts',
];
const LIBRARY_TIMEOUT =
  /^((idle|headers|body|request|connect|keepAlive|socket)_?time_?out|time_?out(InMs)?|heartbeat\w*|max(Wait|AutoLock|Retry|retry)\w*InMs|retryDelay\w*)$/i;
const TIME_MODULE = /^(node:)?(timers|perf_hooks)(\/promises)?$/;
const ENVIRONMENT = [
  'src/app/config.ts',
  'packages/functions-emulator/src/host.ts',
  'packages/functions-emulator/src/replay-history.ts',
  'packages/functions-emulator/src/worker/thread-entry.ts',
];

const STATELESS = /^src\/(actions|approvals|connectors|domain|intake|orchestrator|playbook|views)\//;
/** What answers people and programs. */
const CHANNELS = /^src\/app\/(auth|http|page|teams|service-bus)\//;

/** What sends to a tenant. */
const SENDERS = [
  'createClients',
  'createTransport',
  'createTeams',
  'createEventPublisher',
  'createCredential',
];
/** Files that make what sends to a tenant, one for each tenant. */
const PARTS_OF_A_TENANT = [
  'src/app/auth/index.ts',
  'src/app/lifecycle-events.ts',
  'src/app/teams/setup.ts',
  'src/app/tenants.ts',
];
/** Files with variables of the whole app: nothing in them is about one tenant. */
const PARTS_OF_THE_APP = [
  'src/app/auth/index.ts',
  'src/app/rejected/rejected-bodies.ts',
  'src/app/sealing.ts',
  'src/app/services.ts',
  'src/app/setup.ts',
  'src/app/tenants.ts',
];

export const rules: readonly Rule[] = [
  {
    name: 'orchestrator: no time, chance or outside world',
    applies: inFolder('src/orchestrator'),
    breaks: (node) =>
      isValue(node, ['Promise', ...TIMERS, ...OUTSIDE_WORLD]) ||
      isMember(node, 'Math', 'random') ||
      readsTime(node),
  },
  {
    // Timers need a Date: durable.ts creates it from a given time.
    name: 'orchestrator: only durable.ts makes dates',
    applies: (path) => inFolder('src/orchestrator')(path) && path !== 'src/orchestrator/durable.ts',
    breaks: (node) => isValue(node, ['Date']),
  },
  {
    name: 'orchestrator: no node: modules',
    applies: inFolder('src/orchestrator'),
    breaks: (node) => importedModule(node)?.startsWith('node:') === true,
  },
  {
    name: 'orchestrator: no async, no await, no import()',
    applies: inFolder('src/orchestrator'),
    breaks: (node) =>
      node.kind === ts.SyntaxKind.AsyncKeyword ||
      node.kind === ts.SyntaxKind.AwaitKeyword ||
      ts.isAwaitExpression(node) ||
      (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword),
  },
  {
    name: 'orchestrator: only waiting.ts waits',
    applies: (path) => inFolder('src/orchestrator')(path) && path !== 'src/orchestrator/waiting.ts',
    breaks: (node) => isCallOf(node, ['waitForExternalEvent', 'createTimer']) || isTaskAny(node),
  },
  {
    name: 'host: only the clock reads the time or waits',
    applies: (path) => inFolder(EMULATOR)(path) && !CLOCKS.includes(path),
    breaks: (node) => readsTime(node) || measuresTime(node) || waits(node),
  },
  {
    name: 'host: only some put work off, to later in the same turn of the event loop',
    applies: (path) => inFolder(EMULATOR)(path) && !CLOCKS.includes(path) && !PUT_OFF.includes(path),
    breaks: (node) =>
      isValue(node, ['setImmediate', 'queueMicrotask']) || isMember(node, 'process', 'nextTick'),
  },
  {
    name: 'host: nothing polls',
    applies: inFolder(EMULATOR),
    breaks: (node) => {
      const name = isCallOf(node, ['setImmediate', 'queueMicrotask', 'nextTick']) && enclosingName(node);
      return (
        ts.isCallExpression(node) && !!name && node.arguments.some((argument) => mentions(argument, name))
      );
    },
  },
  {
    name: 'host: libraries are given no time-outs',
    applies: (path) => inFolder(EMULATOR)(path) && !GIVE_TIMEOUTS.includes(path),
    breaks: (node) => LIBRARY_TIMEOUT.test(writtenProperty(node) ?? ''),
  },
  {
    name: 'the time comes from the clock',
    applies: (path) => !inFolder(EMULATOR)(path) && !inFolder('src/cli')(path) && !CLOCKS.includes(path),
    breaks: readsTime,
  },
  {
    // They stay loaded when a thread loads the app again for another host: scripts/build.mjs.
    name: 'stateless folders: nothing is remembered between calls',
    applies: (path) => STATELESS.test(path),
    breaks: (node) => remembers(node, ['Map', 'Set', 'WeakMap', 'WeakSet']),
  },
  {
    name: 'app: a tenant is reached only through tenants.ts',
    applies: (path) => inFolder('src/app')(path) && !PARTS_OF_A_TENANT.includes(path),
    breaks: (node) =>
      isCallOf(node, SENDERS) || isMember(node, 'config', 'tenants') || isTenantsOfConfig(node),
  },
  {
    name: 'app: what is kept for a tenant is kept by its object',
    applies: (path) => inFolder('src/app')(path) && !PARTS_OF_THE_APP.includes(path),
    breaks: (node) => remembers(node, ['Map', 'Set']),
  },
  {
    name: 'only app/config.ts and cli see the environment',
    applies: (path) => !inFolder('src/cli')(path) && !ENVIRONMENT.includes(path),
    breaks: (node) => isMember(node, 'process', 'env'),
  },
  {
    // A delivery is about the tenant of its incident, not of its sender.
    name: 'channels: a caller sees the cases of one tenant',
    applies: (path) => CHANNELS.test(path) && path !== 'src/app/http/incidents.ts',
    breaks: (node) => isValue(node, ['EVERY_CASE']),
  },
];

/** Every place in a TypeScript text that breaks a rule for its path. */
export function checkSource(path: string, text: string): Finding[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const applicable = rules.filter((rule) => rule.applies(path));
  const found: Finding[] = [];
  const visit = (node: ts.Node): void => {
    for (const { name, breaks } of applicable) {
      if (!breaks(node)) continue;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({ rule: name, at: `${path}:${line + 1}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `services().config.tenants` */
function isTenantsOfConfig(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) || node.name.text !== 'tenants') return false;
  const owner = node.expression;
  return ts.isPropertyAccessExpression(owner) && owner.name.text === 'config';
}

/** A variable of a module that can change: `let`, or a collection that is empty at first. */
function remembers(node: ts.Node, collections: readonly string[]): boolean {
  if (!ts.isVariableDeclaration(node) || !ts.isSourceFile(node.parent.parent.parent)) return false;
  const { initializer: made } = node;
  return (
    (node.parent.flags & ts.NodeFlags.Const) === 0 ||
    (made !== undefined &&
      ts.isNewExpression(made) &&
      collections.some((name) => isIdentifier(made.expression, name)) &&
      (made.arguments ?? []).length === 0)
  );
}

function readsTime(node: ts.Node): boolean {
  if (isMember(node, 'Date', 'now')) return true;
  const isDate =
    (ts.isNewExpression(node) || ts.isCallExpression(node)) && isIdentifier(node.expression, 'Date');
  return isDate && (ts.isCallExpression(node) || (node.arguments ?? []).length === 0);
}

/** Other ways to read the time. */
function measuresTime(node: ts.Node): boolean {
  return (
    isValue(node, ['performance']) ||
    ['hrtime', 'uptime'].some((name) => isMember(node, 'process', name)) ||
    ['Date', 'performance'].some((name) => isMember(node, 'globalThis', name)) ||
    isAlias(node, 'Date')
  );
}

/** Whether the node uses a timer of the runtime, on any object, or blocks the thread. */
function waits(node: ts.Node): boolean {
  const timers = ['setTimeout', 'setInterval'];
  return (
    isValue(node, timers) ||
    (ts.isPropertyAccessExpression(node) && timers.includes(node.name.text)) ||
    isMember(node, 'AbortSignal', 'timeout') ||
    ['wait', 'waitAsync'].some((name) => isMember(node, 'Atomics', name)) ||
    TIME_MODULE.test(importedModule(node) ?? '')
  );
}

/** `const D = Date`, `{ now } = Date`, `f(Date)`: the global gets another name. */
function isAlias(node: ts.Node, name: string): boolean {
  if (!isValue(node, [name])) return false;
  const { parent } = node;
  const used = ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent);
  const called = ts.isNewExpression(parent) || ts.isCallExpression(parent);
  const asked =
    ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  return !(used || asked || (called && parent.expression === node));
}

/** `Task.any(…)`, `ctx.df.Task.any(…)`. */
function isTaskAny(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) || node.name.text !== 'any') return false;
  const owner = node.expression;
  return isIdentifier(owner, 'Task') || (ts.isPropertyAccessExpression(owner) && owner.name.text === 'Task');
}
