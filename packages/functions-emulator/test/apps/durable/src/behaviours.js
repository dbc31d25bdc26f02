// More of the toy app: one small orchestration for each behaviour that a test looks at.
import * as df from 'durable-functions';

const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);
const HOUR = 3_600_000;
const orchestration = (name, code) => df.app.orchestration(name, code);

/** What an activity gets, as text: JSON has neither undefined nor NaN. */
df.app.activity('describe', { handler: (value) => `${typeof value} ${JSON.stringify(value)}` });
df.app.activity('answers', {
  handler: ({ kind }) =>
    ({ undefined: undefined, null: null, NaN: Number.NaN, bytes: Buffer.from('ab') })[kind],
});
df.app.activity('throws', {
  handler: ({ message }) => {
    throw new TypeError(message);
  },
});

orchestration('looks', function* (context) {
  const seen = [];
  const look = () => {
    const { isReplaying, currentUtcDateTime } = context.df;
    seen.push({ isReplaying, at: currentUtcDateTime.getTime(), guid: context.df.newGuid('look') });
    context.df.setCustomStatus(seen);
  };
  look();
  look();
  yield context.df.callActivity('echo', {});
  look();
  yield context.df.createTimer(later(context, HOUR));
  look();
  yield context.df.waitForExternalEvent('go');
  look();
  return seen;
});

orchestration('fanFails', function* (context) {
  let caught;
  try {
    yield context.df.Task.all([
      context.df.callActivity('throws', { message: 'the first leg' }),
      context.df.callActivity('slow', { ms: 500 }),
    ]);
  } catch (error) {
    caught = error.message;
    context.df.setCustomStatus('caught');
  }
  yield context.df.callActivity('echo', { after: true });
  return caught;
});

orchestration('backsOff', function* (context) {
  const options = new df.RetryOptions(1000, 4);
  options.backoffCoefficient = 2;
  options.maxRetryIntervalInMilliseconds = 3000;
  return yield context.df.callActivityWithRetry('failsFirst', options, context.df.getInput());
});

orchestration('waits', function* (context) {
  const { names } = context.df.getInput();
  yield context.df.callActivity('slow', { ms: 60 });
  context.df.setCustomStatus('waiting');
  const results = [];
  for (const name of names) results.push(yield context.df.waitForExternalEvent(name));
  return results;
});

orchestration('waitsTwiceAtOnce', function* (context) {
  const [first, second] = [1, 2].map(() => context.df.waitForExternalEvent('go'));
  context.df.setCustomStatus('waiting');
  yield context.df.Task.all([first, second]);
  return { first: first.result, second: second.result };
});

/** Generation 0 waits for nothing and goes on; generation 1 waits for what came to generation 0. */
orchestration('generations', function* (context) {
  const { generation } = context.df.getInput();
  if (generation === 0) {
    context.df.setCustomStatus('generation 0');
    yield context.df.waitForExternalEvent('go');
    context.df.continueAsNew({ generation: 1 });
    return undefined;
  }
  const timer = context.df.createTimer(later(context, HOUR));
  const early = context.df.waitForExternalEvent('early');
  if ((yield context.df.Task.any([early, timer])) === timer) return { early: 'lost' };
  timer.cancel();
  return { early: early.result };
});

orchestration('steps', function* (context) {
  context.df.setCustomStatus('one');
  const event = yield context.df.waitForExternalEvent('go');
  context.df.setCustomStatus('two');
  return yield context.df.callActivity('echo', { event });
});

orchestration('parent', function* (context) {
  const { child, name = 'steps', input = null } = context.df.getInput();
  context.df.setCustomStatus('waiting');
  return yield context.df.callSubOrchestrator(name, input, child);
});

orchestration('passes', function* (context) {
  const { values } = context.df.getInput();
  const odd = { undefined: undefined, NaN: Number.NaN };
  const described = [];
  for (const value of [...values, ...Object.values(odd)]) {
    described.push(yield context.df.callActivity('describe', value));
  }
  return described;
});

orchestration('hears', function* (context) {
  const heard = {};
  for (const kind of ['undefined', 'null', 'NaN', 'bytes']) {
    const value = yield context.df.callActivity('answers', { kind });
    heard[kind] = `${typeof value} ${JSON.stringify(value)}`;
  }
  return heard;
});

orchestration('returnsInput', function* (context) {
  yield context.df.callActivity('echo', {});
  return `${typeof context.df.getInput()} ${JSON.stringify(context.df.getInput())}`;
});

const client = df.input.durableClient();
df.app.orchestration('hasClient', {
  extraInputs: [client],
  // biome-ignore lint/correctness/useYield: it has nothing to wait for
  handler: function* (context) {
    return Object.keys(context.extraInputs.get(client)).includes('taskHubName');
  },
});

orchestration('callsThrowing', function* (context) {
  return yield context.df.callActivity('throws', context.df.getInput());
});

/** Sets its custom status to each of the values, one for each event. */
orchestration('statuses', function* (context) {
  const { values } = context.df.getInput();
  for (const value of values) {
    context.df.setCustomStatus(value);
    yield context.df.waitForExternalEvent('next');
  }
  return 'done';
});
orchestration('statusOfSize', function* (context) {
  context.df.setCustomStatus('x'.repeat(context.df.getInput().size));
  return yield context.df.callActivity('echo', 'kept');
});

orchestration('waitsFor', function* (context) {
  yield context.df.createTimer(later(context, context.df.getInput().ms));
  return 'over';
});

/** The second activity fails the first time that it runs. */
orchestration('failsOnce', function* (context) {
  const first = yield context.df.callActivity('echo', { first: true });
  const second = yield context.df.callActivity('failsFirst', { key: context.df.instanceId, times: 1 });
  return { first, second };
});

orchestration('callsHttp', function* (context) {
  const { statusCode, content } = yield context.df.callHttp(context.df.getInput());
  return { statusCode, content };
});

/** Holds two locks, and calls the entities that it is told to. */
orchestration('locks', function* (context) {
  const { names, calls } = context.df.getInput();
  const entity = (key) => new df.EntityId('counter', key);
  const lock = yield context.df.lock(...names.map(entity));
  for (const key of calls) yield context.df.callEntity(entity(key), 'get');
  lock.release();
  return 'released';
});

/** Does other things when the setting CHANGED is there, of each kind. */
orchestration('changesAll', function* (context) {
  if (process.env.CHANGED === undefined) {
    yield context.df.callActivity('echo', { n: 1 });
  } else {
    context.df.signalEntity(new df.EntityId('counter', 'changed'), 'add', 5);
    yield context.df.Task.all([
      context.df.callActivity('double', { n: 2 }),
      context.df.callSubOrchestrator('child', { n: 3 }, `${context.df.instanceId}-child`),
    ]);
  }
  context.df.setCustomStatus('waiting');
  yield context.df.waitForExternalEvent('go');
  return 'done';
});
