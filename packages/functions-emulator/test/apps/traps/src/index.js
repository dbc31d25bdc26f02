// Orchestrations with the mistakes that real hosts punish silently: one trap each.
import * as df from 'durable-functions';
import './correct.js';
import './late-response.js';

const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);
const HOUR = 3_600_000;
const twice = new df.RetryOptions(50, 2);

df.app.activity('echo', { handler: (value) => value });
df.app.activity('slow', { handler: () => new Promise((resolve) => setTimeout(resolve, 300, 'slow')) });
df.app.activity('fails', {
  handler: () => {
    throw new Error('as always');
  },
});
df.app.activity('failsLate', {
  handler: async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    throw new Error('later');
  },
});

const trap = (name, orchestrator) => df.app.orchestration(name, orchestrator);

trap('nothing', function* (context) {
  return yield context.df.callActivity('echo', {});
});
trap('failing', function* (context) {
  yield context.df.callActivity('fails', {});
});
trap('unregistered', function* (context) {
  context.df.setCustomStatus('looked');
  yield context.df.callActivity('nowhere', {});
});
trap('openTimer', function* (context) {
  context.df.setCustomStatus('looked');
  yield context.df.Task.any([
    context.df.callActivity('echo', {}),
    context.df.createTimer(later(context, HOUR)),
  ]);
});
trap('bareBoolean', function* (context) {
  return yield context.df.callActivity('echo', true);
});
trap('bareText', function* (context) {
  yield context.df.callActivity('echo', {});
  if (typeof context.df.getInput() === 'object') context.df.continueAsNew('text');
});
trap('numericEvent', function* (context) {
  context.df.setCustomStatus('looked');
  yield context.df.waitForExternalEvent('0');
});
trap('retryTimeout', function* (context) {
  const options = new df.RetryOptions(50, 2);
  options.retryTimeoutInMilliseconds = 60_000;
  return yield context.df.callActivityWithRetry('echo', options, {});
});
trap('retryRaced', function* (context) {
  const timer = context.df.createTimer(later(context, HOUR));
  yield context.df.Task.any([context.df.callActivityWithRetry('echo', twice, {}), timer]);
  timer.cancel();
});
trap('retryFan', function* (context) {
  const once = new df.RetryOptions(50, 1);
  try {
    yield context.df.Task.all([
      context.df.callActivityWithRetry('fails', once, {}),
      context.df.callActivityWithRetry('failsLate', twice, {}),
    ]);
  } catch {
    context.df.setCustomStatus('looked');
    yield context.df.callActivity('echo', {});
  }
});
trap('sameTimer', function* (context) {
  context.df.setCustomStatus('looked');
  const timer = context.df.createTimer(later(context, HOUR));
  yield context.df.Task.any([context.df.callActivity('echo', { n: 1 }), timer]);
  yield context.df.Task.any([context.df.callActivity('echo', { n: 2 }), timer]);
  timer.cancel();
  yield context.df.callActivity('echo', { n: 3 });
});
trap('sameTimerFirst', function* (context) {
  context.df.setCustomStatus('looked');
  const timer = context.df.createTimer(later(context, HOUR));
  yield context.df.Task.any([timer, context.df.callActivity('echo', { n: 1 })]);
  yield context.df.Task.any([timer, context.df.callActivity('echo', { n: 2 })]);
});
trap('throwsNothing', function* (context) {
  context.df.setCustomStatus('looked');
  yield context.df.callActivity('echo', {});
  throw new Error('');
});
trap('long', function* (context) {
  for (let round = 0; round < 3; round += 1) {
    yield context.df.Task.all(Array.from({ length: 150 }, (_, n) => context.df.callActivity('echo', { n })));
  }
});
/** The wait for the first event is left open when its rival wins, and takes the second one. */
trap('forgottenWait', function* (context) {
  context.df.setCustomStatus('first');
  const forgotten = context.df.waitForExternalEvent('second');
  yield context.df.Task.any([context.df.waitForExternalEvent('first'), forgotten]);
  context.df.setCustomStatus('second');
  yield context.df.callActivity('slow', {});
  context.df.setCustomStatus('looked');
  yield context.df.waitForExternalEvent('third');
});
trap('dropsEvents', function* (context) {
  const { n } = context.df.getInput();
  if (n > 0) return 'done';
  context.df.setCustomStatus('busy');
  yield context.df.callActivity('slow', {});
  context.df.continueAsNew({ n: 1 });
});
