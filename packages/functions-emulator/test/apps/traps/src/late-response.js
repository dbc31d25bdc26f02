// No trap: an entity answers after its call has lost a race. The library finds the task of the answer by its id.
import * as df from 'durable-functions';

df.app.entity('slowEntity', async (context) => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  context.df.return('answer');
});

df.app.orchestration('lateResponse', function* (context) {
  const call = context.df.callEntity(new df.EntityId('slowEntity', 'one'), 'ask');
  yield context.df.Task.any([call, context.df.callActivity('echo', {})]);
  yield context.df.callActivity('slow', {});
  yield context.df.callActivity('slow', {});
  context.df.setCustomStatus('looked');
  return call.isCompleted;
});
