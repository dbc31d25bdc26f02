import { app } from '@azure/functions';

const seen = [];
const now = () => new Date(globalThis[Symbol.for('durable-host.clock')].now()).toISOString();

const onEvent = async (event, context) => {
  seen.push({
    id: event.id ?? event.map(({ id }) => id),
    event,
    retry: context.retryContext?.retryCount,
    at: now(),
  });
  if (event.data?.fail) throw new Error(`cannot handle ${event.id}`);
  if (event.data?.failures > (context.retryContext?.retryCount ?? 0)) throw new Error('not yet');
};
app.eventGrid('incident', { handler: onEvent });
app.eventGrid('patient', {
  retry: {
    strategy: 'exponentialBackoff',
    maxRetryCount: 3,
    minimumInterval: { seconds: 10 },
    maximumInterval: { minutes: 1 },
  },
  handler: onEvent,
});
app.generic('batch', {
  trigger: { type: 'eventGridTrigger', name: 'events', cardinality: 'many' },
  handler: onEvent,
});

const onTimer = (name) => async (timer) => {
  seen.push({ timer: name, at: now(), isPastDue: timer.isPastDue, status: timer.scheduleStatus });
};
app.timer('daily', { schedule: '0 30 6 * * *', handler: onTimer('daily') });
app.timer('span', { schedule: '%SPAN%', handler: onTimer('span') });
app.timer('atStart', { schedule: '0 0 0 1 1 *', runOnStartup: true, handler: onTimer('atStart') });

app.http('seen', { methods: ['GET'], handler: async () => ({ jsonBody: seen }) });
