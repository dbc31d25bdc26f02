// The three patterns that incident response is made of: chaining, fan-out/fan-in, monitor.
const df = require('durable-functions');

df.app.activity('double', { handler: ({ n }) => ({ n: n * 2 }) });
df.app.activity('work', { handler: ({ n }) => ({ n, square: n * n }) });
let polls = 0;
df.app.activity('poll', {
  handler: ({ finalAfter }) => {
    polls += 1;
    return { state: polls >= finalAfter ? 'Succeeded' : 'InProgress', polls };
  },
});

df.app.orchestration('chaining', function* (context) {
  const first = yield context.df.callActivity('double', { n: 5 });
  const second = yield context.df.callActivity('double', first);
  return yield context.df.callActivity('double', second);
});

df.app.orchestration('fanOut', function* (context) {
  const { count } = context.df.getInput();
  const tasks = [];
  for (let n = 0; n < count; n += 1) tasks.push(context.df.callActivity('work', { n }));
  const results = yield context.df.Task.all(tasks);
  return results.reduce((sum, result) => sum + result.square, 0);
});

df.app.orchestration('monitor', function* (context) {
  const { finalAfter } = context.df.getInput();
  const waits = [];
  let seconds = 5;
  for (;;) {
    const action = yield context.df.callActivity('poll', { finalAfter });
    if (action.state === 'Succeeded') return { waits, polls: action.polls };
    const due = new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
    waits.push(seconds);
    yield context.df.createTimer(due);
    seconds = Math.min(seconds * 2, 120);
  }
});
