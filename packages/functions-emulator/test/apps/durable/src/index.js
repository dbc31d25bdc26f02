// A toy app for the host's durable half: one orchestration for each pattern, and a workflow that uses them all.
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);
const HOUR = 3_600_000;

df.app.activity('echo', { handler: (value) => value });
df.app.activity('double', { handler: ({ n }) => n * 2 });
df.app.activity('slow', {
  handler: async ({ ms }) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  },
});
const tries = new Map();
df.app.activity('failsFirst', {
  handler: ({ key, times }) => {
    const tried = (tries.get(key) ?? 0) + 1;
    tries.set(key, tried);
    if (tried <= times) throw new Error(`try ${tried} of ${key}`);
    return tried;
  },
});

df.app.entity('counter', (context) => {
  const value = context.df.getState(() => 0);
  if (context.df.operationName === 'add') context.df.setState(value + context.df.getInput());
  if (context.df.operationName === 'get') context.df.return(value);
});

df.app.orchestration('chain', function* (context) {
  const first = yield context.df.callActivity('echo', { step: 1 });
  return yield context.df.callActivity('echo', { step: 2, after: first.step });
});

df.app.orchestration('fanOut', function* (context) {
  const doubled = yield context.df.Task.all(
    [1, 2, 3, 4].map((n) => context.df.callActivity('double', { n })),
  );
  return doubled.reduce((sum, n) => sum + n, 0);
});

/** More at once than the host runs at a time. */
df.app.orchestration('wide', function* (context) {
  const all = context.df.getInput().map((ms, n) => context.df.callActivity('slow', { ms, n }));
  return (yield context.df.Task.all(all)).length;
});

/** Asks again and again, with longer and longer pauses. */
df.app.orchestration('monitor', function* (context) {
  let pause = HOUR;
  for (let polls = 1; polls < 5; polls += 1) {
    yield context.df.createTimer(later(context, pause));
    pause *= 2;
    const { done } = yield context.df.callActivity('echo', { done: polls === 4 });
    if (done) return { polls };
  }
  return 'gave up';
});

df.app.orchestration('approval', function* (context) {
  context.df.setCustomStatus('waiting');
  const timer = context.df.createTimer(later(context, 24 * HOUR));
  const decision = context.df.waitForExternalEvent('decision');
  const winner = yield context.df.Task.any([decision, timer]);
  if (winner === timer) return 'expired';
  timer.cancel();
  return decision.result;
});

df.app.orchestration('child', function* (context) {
  return yield context.df.callActivity('double', context.df.getInput());
});

df.app.orchestration('retries', function* (context) {
  const options = new df.RetryOptions(1000, 3);
  return yield context.df.callActivityWithRetry('failsFirst', options, context.df.getInput());
});

df.app.orchestration('oneSlow', function* (context) {
  return yield context.df.callActivity('slow', context.df.getInput());
});

df.app.orchestration('slowThenTimer', function* (context) {
  yield context.df.callActivity('slow', context.df.getInput());
  yield context.df.createTimer(later(context, HOUR));
});

df.app.orchestration('callsUnknown', function* (context) {
  return yield context.df.callActivity('nowhere', {});
});

df.app.orchestration('leavesTimer', function* (context) {
  const timer = context.df.createTimer(later(context, HOUR));
  yield context.df.Task.any([context.df.callActivity('echo', {}), timer]);
  return 'done';
});

/** Its second turn keeps the thread busy for a while. */
df.app.orchestration('slowTurn', function* (context) {
  const result = yield context.df.callActivity('echo', context.df.getInput());
  for (const end = performance.now() + 500; performance.now() < end; );
  return result;
});

/** Ends the app's thread during its first turn, for as long as the time is before `until`. */
df.app.orchestration('endsThread', function* (context) {
  const { until } = context.df.getInput();
  if (context.df.currentUtcDateTime.getTime() < until) process.exit(1);
  return yield context.df.waitForExternalEvent('go');
});

/** Does something else when the setting CHANGED is there: a new version of the code. */
df.app.orchestration('changes', function* (context) {
  yield context.df.callActivity('echo', { n: 1 });
  context.df.setCustomStatus('waiting');
  yield context.df.waitForExternalEvent('go');
  if (process.env.CHANGED !== undefined) yield context.df.callActivity('double', { n: 1 });
  return yield context.df.callActivity('echo', { n: 2 });
});
df.app.orchestration('changesFirst', function* (context) {
  yield context.df.callActivity(process.env.CHANGED === undefined ? 'echo' : 'double', { n: 1 });
  context.df.setCustomStatus('waiting');
  yield context.df.waitForExternalEvent('go');
  return 'done';
});

/** Everything at once: its result is the same however often it is killed and taken up again. */
df.app.orchestration('workflow', function* (context) {
  const entity = new df.EntityId('counter', context.df.instanceId);
  const doubled = yield context.df.Task.all([1, 2, 3].map((n) => context.df.callActivity('double', { n })));
  context.df.signalEntity(entity, 'add', 1);
  yield context.df.createTimer(later(context, HOUR));
  const child = yield context.df.callSubOrchestrator('child', { n: 5 }, `${context.df.instanceId}-child`);
  context.df.signalEntity(entity, 'add', 10);
  context.df.setCustomStatus('waiting');
  const event = yield context.df.waitForExternalEvent('go');
  const counted = yield context.df.callEntity(entity, 'get');
  return { doubled, child, event, counted };
});

/** One instance for each message, however often it is delivered. */
app.serviceBusQueue('takeOrder', {
  queueName: 'orders',
  connection: 'AzureWebJobsServiceBus',
  extraInputs: [df.input.durableClient()],
  handler: async ({ id }, context) => {
    const client = df.getClient(context);
    const found = await client.getStatus(id).catch(() => undefined);
    if (found === undefined) await client.startNew('workflow', { instanceId: id, input: {} });
  },
});

app.http('start', {
  route: 'start/{name}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew(request.params.name, { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});
