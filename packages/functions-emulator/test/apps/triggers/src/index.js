// A toy app in which each kind of trigger starts an orchestration. All functions take a moment of real time.
import { setTimeout as sleep } from 'node:timers/promises';
import { app } from '@azure/functions';
import * as df from 'durable-functions';

df.app.activity('note', {
  handler: async (value) => {
    await sleep(20);
    return value;
  },
});
df.app.entity('counter', (context) => {
  const value = context.df.getState(() => 0) + 1;
  context.df.setState(value);
  context.df.return(value);
});
df.app.orchestration('noting', function* (context) {
  const input = context.df.getInput();
  const noted = yield context.df.callActivity('note', input);
  if (input.count !== true) return noted;
  return { ...noted, counted: yield context.df.callEntity(new df.EntityId('counter', 'all'), 'add') };
});

const begin = async (context, instanceId, input) => {
  await sleep(20);
  await df.getClient(context).startNew('noting', { instanceId, input });
};
const extraInputs = [df.input.durableClient()];
const connection = 'AzureWebJobsServiceBus';

app.http('begin', {
  route: 'begin/{id}',
  methods: ['POST'],
  extraInputs,
  handler: async (request, context) => {
    await begin(context, request.params.id, { by: 'http', ...(await request.json()) });
    return { status: 202 };
  },
});
app.serviceBusQueue('onOrder', {
  queueName: 'orders',
  connection,
  extraInputs,
  handler: (body, context) => begin(context, context.triggerMetadata.messageId, { by: 'queue', ...body }),
});
for (const level of ['low', 'high']) {
  app.serviceBusTopic(`onAlert-${level}`, {
    topicName: 'alerts',
    subscriptionName: level,
    connection,
    extraInputs,
    handler: (body, context) =>
      begin(context, `${context.triggerMetadata.messageId}-${level}`, { by: level, ...body }),
  });
}
app.eventGrid('onIncident', {
  extraInputs,
  handler: (event, context) => begin(context, event.id, { by: 'event', ...event.data }),
});
app.timer('nightly', {
  schedule: '0 0 3 * * *',
  extraInputs,
  handler: (_timer, context) => {
    const now = globalThis[Symbol.for('durable-host.clock')].now();
    return begin(context, `by-timer-${new Date(now).toISOString().slice(0, 10)}`, { by: 'timer' });
  },
});
