// From the records of the app's recorder to turns: what was new in each, and what the code answered.
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
const withoutPlayed = (event) => JSON.stringify({ ...event, IsPlayed: 0 });
const NONE = 'undefined (no value)';

/**
 * @param {object[]} records as `/api/trace` hands them out
 * @param {(instanceId: string) => boolean} mine
 */
export function turnsOf(records, mine) {
  const executions = new Map();
  const turns = [];
  for (const record of records) {
    const common = {
      fn: record.fn,
      ...(record.notes.length ? { notes: record.notes } : {}),
      ...answerOf(record),
    };
    if (record.type === 'activityTrigger') {
      const metadata = parse(record.meta) ?? {};
      if (mine(metadata.instanceId ?? '')) turns.push({ ...activity(record, metadata), ...common });
    } else if (record.type === 'entityTrigger') {
      const input = parse(record.input);
      if (input?.self && mine(input.self.key)) {
        turns.push({
          kind: 'entity',
          instance: `@${input.self.name}@${input.self.key}`,
          inputType: record.inputType,
          input,
          ...common,
        });
      }
    } else {
      const binding = parse(record.input);
      if (binding?.history && mine(binding.instanceId))
        turns.push({ ...orchestration(record, binding, executions), ...common });
    }
  }
  return { turns, executions };
}

function answerOf(record) {
  if (record.result === 'undefined') return { result: NONE };
  if (record.error) return { error: record.error };
  return record.done ? { result: parse(record.result) } : { unfinished: true };
}

function activity(record, metadata) {
  const plain = Object.entries(metadata).map(([name, value]) => [
    name.replace(/^(activityTrigger)[0-9a-f]+$/, '$1<hash>'),
    value,
  ]);
  return {
    kind: 'activity',
    instance: metadata.instanceId,
    inputType: record.inputType,
    input: record.input === 'undefined' ? NONE : parse(record.input),
    metadata: Object.fromEntries(plain),
  };
}

function orchestration(record, { history, ...rest }, executions) {
  const instance = rest.instanceId;
  const execution =
    history.find((event) => event.EventType === 0)?.OrchestrationInstance?.ExecutionId ?? 'none';
  const key = `${instance}|${execution}`;
  const before = executions.get(key);
  const flat = history.map(withoutPlayed);
  let same = 0;
  while (before && same < before.flat.length && same < flat.length && before.flat[same] === flat[same])
    same++;
  const dropped = before ? before.flat.length - same : 0;
  nameTimes(record.notes, history);
  const turn = {
    kind: 'orchestrator',
    instance,
    execution,
    turn: (before?.turns ?? 0) + 1,
    eventsSeenBefore: same,
    ...(dropped > 0 ? { eventsDroppedFromHistory: dropped } : {}),
    newEvents: history.slice(same).map(({ IsPlayed: _played, ...event }) => event),
    isPlayed: history.map((event, index) => (event.IsPlayed ? index : -1)).filter((index) => index >= 0),
  };
  if (before) {
    const changes = Object.entries(rest).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before.rest[name]),
    );
    if (changes.length > 0) turn.bindingChanges = Object.fromEntries(changes);
  } else turn.binding = rest;
  executions.set(key, { flat, rest: before?.rest ?? rest, history, turns: turn.turn });
  return turn;
}

/** A time that a handler noted, as the OrchestratorStarted that has it. */
function nameTimes(notes, history) {
  const started = history
    .filter((event) => event.EventType === 12)
    .map((event) => Date.parse(event.Timestamp));
  for (const note of notes) {
    if (!note?.now) continue;
    // Two turns may begin in one millisecond: then it may be either.
    const places = started.flatMap((at, index) => (at === Date.parse(note.now) ? [index + 1] : []));
    note.now =
      places.length === 0
        ? '<not the time of an OrchestratorStarted>'
        : `<OrchestratorStarted ${places.join(' or ')} of ${started.length}>`;
  }
}

const NAMES = {
  0: 'ExecutionStarted',
  1: 'ExecutionCompleted',
  2: 'ExecutionFailed',
  3: 'ExecutionTerminated',
  4: 'TaskScheduled',
  5: 'TaskCompleted',
  6: 'TaskFailed',
  7: 'SubOrchestrationInstanceCreated',
  8: 'SubOrchestrationInstanceCompleted',
  9: 'SubOrchestrationInstanceFailed',
  10: 'TimerCreated',
  11: 'TimerFired',
  14: 'EventSent',
  15: 'EventRaised',
  16: 'ContinueAsNew',
  17: 'GenericEvent',
  19: 'ExecutionSuspended',
  20: 'ExecutionResumed',
};
const DECISIONS = [4, 7, 10, 14];

/** Per execution: messages in order of arrival, and work by id, as the last turn saw it. */
export function canonicalOf(executions, turns) {
  return [...executions].map(([key, { history }]) => {
    const [instance, execution] = key.split('|');
    const events = history
      .filter((event) => event.EventType !== 12 && event.EventType !== 13)
      .map((event, order) => ({ order, ...outline(event) }));
    const work = events
      .filter((event) => event.id !== undefined)
      .sort((a, b) => a.id - b.id || a.order - b.order);
    const messages = events.filter((event) => event.id === undefined);
    const last = turns
      .filter(
        (turn) => turn.kind === 'orchestrator' && turn.instance === instance && turn.execution === execution,
      )
      .at(-1);
    const lastTurn = last?.error ? { error: last.error } : { result: last?.result };
    return { instance, execution, messages: messages.map(tidy), work: work.map(tidy), lastTurn };
  });
}

const outline = (event) => ({
  type: NAMES[event.EventType] ?? event.EventType,
  id: DECISIONS.includes(event.EventType) ? event.EventId : (event.TaskScheduledId ?? event.TimerId),
  name: event.Name,
  result: event.Result,
  input: event.Input,
  reason: event.Reason,
  fireAt: event.FireAt,
  instanceId: event.InstanceId,
});

const tidy = ({ order: _order, ...event }) =>
  Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined && value !== null));
