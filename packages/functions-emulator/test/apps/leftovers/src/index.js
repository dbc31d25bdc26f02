// Keeps the context of each turn, which no orchestrator should, and shows what is left in it.
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const kept = [];

if (process.env.WITH_HOOKS === 'yes') app.hook.postInvocation(() => undefined);

df.app.activity('echo', { handler: (input) => input });

/** How other versions of the library might treat the value of the trigger and the context. */
const otherLibraries = {
  'copies the history': (handler) => (trigger, context) =>
    handler({ ...trigger, history: [...trigger.history] }, context),
  'copies the trigger': (handler) => (trigger, context) => handler({ ...trigger }, context),
  'renames its executor': (handler) => async (trigger, context) => {
    const result = await handler(trigger, context);
    context.df = { getInput: context.df.getInput.bind(context.df), state: trigger.history };
    return result;
  },
};
const register = app.generic;
app.generic = (name, options) => {
  const other = options.trigger.type === 'orchestrationTrigger' && otherLibraries[process.env.LIBRARY];
  register(name, other ? { ...options, handler: other(options.handler) } : options);
};

df.app.orchestration('keeps', function* (context) {
  kept.push(context);
  return yield context.df.callActivity('echo', context.df.getInput());
});

app.http('kept', {
  authLevel: 'anonymous',
  handler: () => ({ jsonBody: kept.map((context) => context.df.getInput() ?? 'nothing') }),
});
