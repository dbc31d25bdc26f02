// Keeps the context of each turn, which no orchestrator should, and shows what is left in it.
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const kept = [];

if (process.env.WITH_HOOKS === 'yes') app.hook.postInvocation(() => undefined);

df.app.activity('echo', { handler: (input) => input });

df.app.orchestration('keeps', function* (context) {
  kept.push(context);
  return yield context.df.callActivity('echo', context.df.getInput());
});

app.http('kept', {
  authLevel: 'anonymous',
  handler: () => ({ jsonBody: kept.map((context) => context.df.getInput() ?? 'nothing') }),
});
