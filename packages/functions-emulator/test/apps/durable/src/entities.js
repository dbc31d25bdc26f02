// An entity of the toy app, and orchestrations that deal with entities.
import * as df from 'durable-functions';

const orchestration = (name, code) => df.app.orchestration(name, code);

df.app.entity('ledger', async (context) => {
  const entries = context.df.getState(() => []);
  const { operationName } = context.df;
  if (operationName === 'put') {
    const before = entries.length;
    await new Promise((resolve) => setTimeout(resolve, 2));
    // Whatever ran in between would be overwritten here.
    context.df.setState([...entries.slice(0, before), context.df.getInput()]);
    context.df.return(before + 1);
  }
  if (operationName === 'fail') throw new Error('no such account');
  if (operationName === 'forward') {
    context.df.signalEntity(new df.EntityId('ledger', context.df.getInput()), 'put', 'forwarded');
  }
  if (operationName === 'list') context.df.return(entries);
  if (operationName === 'delete') context.df.destructOnExit();
});
const ledger = (context) => new df.EntityId('ledger', context.df.getInput().key);

orchestration('signals', function* (context) {
  const { count } = context.df.getInput();
  for (let n = 0; n < count; n += 1) context.df.signalEntity(ledger(context), 'put', n);
  return yield context.df.callEntity(ledger(context), 'list');
});

orchestration('asksInVain', function* (context) {
  try {
    yield context.df.callEntity(ledger(context), 'fail');
  } catch (error) {
    return error.message;
  }
});

/** Reads, thinks and writes inside of a lock: without it, one of two at once would be lost. */
orchestration('adds', function* (context) {
  const counter = new df.EntityId('counter', context.df.getInput().key);
  const lock = yield context.df.lock(counter);
  const before = yield context.df.callEntity(counter, 'get');
  yield context.df.callActivity('slow', { ms: 40 });
  const more = 1 + before - (yield context.df.callEntity(counter, 'get'));
  yield context.df.callEntity(counter, 'add', more);
  lock.release();
  return before;
});
