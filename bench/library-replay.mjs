// What durable-functions itself needs for the turns of a sequence of activities: the floor for any host,
// because the library replays the whole history at every turn. Measured with nothing but the library.
import orchestratorModule from 'durable-functions/lib/src/orchestrations/Orchestrator.js';

const { Orchestrator } = orchestratorModule;

function* body(context) {
  const { length } = context.df.getInput();
  for (let n = 0; n < length; n += 1) yield context.df.callActivity('step', { n });
  return length;
}

const at = (n) => new Date(Date.UTC(2026, 0, 1) + n).toISOString();
const event = (EventType, EventId, n, more = {}) => ({
  EventType,
  EventId,
  IsPlayed: false,
  Timestamp: at(n),
  ...more,
});

export async function libraryReplay(length = 1000) {
  const orchestrator = new Orchestrator(body);
  const history = [
    event(12, -1, 0),
    event(0, -1, 0, {
      Name: 'sequence',
      Input: JSON.stringify({ length }),
      OrchestrationInstance: { InstanceId: 'x', ExecutionId: 'y' },
    }),
  ];
  let ms = 0;
  for (let n = 0; n <= length; n += 1) {
    const binding = JSON.stringify({
      history,
      input: { length },
      instanceId: 'x',
      isReplaying: false,
      parentInstanceId: null,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 3,
      longRunningTimerIntervalDuration: '3.00:00:00',
      maximumShortTimerDuration: '6.00:00:00',
    });
    const startedAt = performance.now();
    const parsed = JSON.parse(binding);
    const state = await orchestrator.handle(parsed, { invocationId: 'x', functionName: 'sequence' });
    JSON.stringify(state);
    ms += performance.now() - startedAt;
    for (const item of history) item.IsPlayed = true;
    history.push(event(4, n, n, { Name: 'step', Input: null }), event(13, -1, n));
    history.push(
      event(12, -1, n + 1),
      event(5, -1, n + 1, { TaskScheduledId: n, Result: JSON.stringify({ n }) }),
    );
  }
  return { length, ms };
}
