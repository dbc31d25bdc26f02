// Functions of the toy app that use the durable client.
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const argument = (value) => {
  if (value?.entity !== undefined) return new df.EntityId(value.entity, value.key);
  if (value?.createdTimeFrom !== undefined)
    return { ...value, createdTimeFrom: new Date(value.createdTimeFrom) };
  return value;
};
/** Calls a method of the durable client and says what it returns or throws. */
app.http('client', {
  route: 'client/{method}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const parameters = (await request.json()).map(argument);
    try {
      return { jsonBody: { result: await client[request.params.method](...parameters) } };
    } catch (error) {
      return { status: 500, jsonBody: { error: error.message } };
    }
  },
});
/** Answers with the output if the instance ends in time, else with the addresses to look at. */
app.http('startAndWait', {
  route: 'startAndWait/{name}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const { input, ...times } = await request.json();
    const id = await client.startNew(request.params.name, { input });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, id, times);
  },
});

app.eventGrid('onIncident', {
  extraInputs: [df.input.durableClient()],
  handler: async (event, context) => {
    await df.getClient(context).startNew('chain', { instanceId: event.id, input: event.data });
  },
});
