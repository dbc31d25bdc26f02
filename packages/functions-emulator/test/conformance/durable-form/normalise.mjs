// Replaces what differs from run to run - ids, times, stacks, addresses - by names that do not.
const DAY = 86_400_000;
const NEWLINE = '(?:\\r?\\n|(?:\\\\+r)?\\\\+n)';
const FRAMES = new RegExp(`(?:${NEWLINE} {2,}at [^\\n"\\\\]*)+`, 'g');
const END_OF_STACK = new RegExp(`(?:${NEWLINE})?--- End of [^\\n"\\\\]*---`, 'g');
const GUID =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-zA-Z])[0-9a-f]{32}(?![0-9a-zA-Z])/gi;
const DATE = /\d{4}-\d\d-\d\d(?:T|%20| )\d\d(?::|%3A)\d\d(?::|%3A)\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?/g;
const HTTP_DATE = /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g;

const cutStacks = (text) =>
  text
    .replace(FRAMES, '…')
    .replace(/(^|")( {2,}at )[^\n"\\…]*/g, '$1$2…')
    .replace(END_OF_STACK, '…')
    .replace(/…+/g, '…')
    .replace(/file:\/\/\/[^\s"\\)]*/g, '<file>');

/** @param began when the scenario began; times near it become `<t>` */
export function normalise(record, began, base) {
  nameTimers(record);
  for (const { response } of record.exchanges) {
    if (response?.headers['x-ms-continuation-token']) response.headers['x-ms-continuation-token'] = '<token>';
  }
  const executionIds = findExecutionIds(record);
  const numbers = { exec: new Map(), guid: new Map() };
  const name = (id) => {
    const kind = executionIds.has(id) ? 'exec' : 'guid';
    if (!numbers[kind].has(id)) numbers[kind].set(id, numbers[kind].size + 1);
    return `<${kind}:${numbers[kind].get(id)}>`;
  };
  const date = (text) => {
    const at = Date.parse(decodeURIComponent(text));
    return at >= began - 2 * DAY && at <= began + 90 * DAY ? '<t>' : text;
  };
  const plain = (text) =>
    cutStacks(text)
      .split(base)
      .join('<base>')
      .split(base.replace('127.0.0.1', 'localhost'))
      .join('<base>')
      .replace(/([?&]code=)[\w%-]+/g, '$1<code>')
      .replace(GUID, name)
      .replace(DATE, date)
      .replace(/(\\*"(?:duration|startTime|requestTime)\\*":)\d+/gi, '$1"<n>"')
      .replace(HTTP_DATE, '<t>')
      .replace(
        /(following are the known \w+ functions: )('[^']+'(?:, '[^']+')*)/g,
        (_, before, list) => before + list.split(', ').sort().join(', '),
      );
  return mapAll(record, plain);
}

function mapAll(value, plain, key) {
  if (typeof value === 'string') return plain(value);
  if (typeof value === 'number' && /^(duration|startTime|requestTime)$/.test(key ?? '')) return '<n>';
  if (Array.isArray(value)) return value.map((member) => mapAll(member, plain));
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [plain(name), mapAll(member, plain, name)]),
    );
  }
  return value;
}

function findExecutionIds(value, found = new Set()) {
  if (value && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) {
      if (/^(executionid|execution|parentExecution)$/i.test(key) && typeof member === 'string')
        found.add(member);
      findExecutionIds(member, found);
    }
  }
  return found;
}

/** A timer's FireAt, as the distance from the OrchestratorStarted in whose turn it was made. */
function nameTimers(record) {
  const turns = Array.isArray(record.trace) ? record.trace.filter(({ kind }) => kind === 'orchestrator') : [];
  const names = new Map();
  const distance = (fireAt, from) => `<t+${Math.round((Date.parse(fireAt) - from) / 100) / 10}s>`;
  const learn = (events) => {
    let now;
    for (const event of events) {
      if (event.EventType === 12) now = Date.parse(event.Timestamp);
      if (event.EventType === 10 && now) names.set(Date.parse(event.FireAt), distance(event.FireAt, now));
    }
  };
  for (const turn of turns) learn(turn.newEvents);
  const label = (fireAt, from) =>
    names.get(Date.parse(fireAt)) ?? (from === undefined ? '<t>' : distance(fireAt, from));
  const histories = new Map();
  for (const turn of turns) {
    const key = `${turn.instance}|${turn.execution}`;
    const history = [...(histories.get(key) ?? []).slice(0, turn.eventsSeenBefore), ...turn.newEvents];
    histories.set(key, history);
    learn(history);
    const starts = history
      .filter((event) => event.EventType === 12)
      .map((event) => Date.parse(event.Timestamp));
    const origin = (fireAt) =>
      starts.find((start) => (Date.parse(fireAt) - start) % 100 === 0) ?? starts.at(-1);
    renameFireAt(
      [turn.result, turn.newEvents.map((event) => ({ event }))],
      (fireAt) => label(fireAt, origin(fireAt)),
      history,
    );
    if (turn.error?.message) {
      turn.error.message = turn.error.message.replace(
        /"fireAt":"([^"]+)"/g,
        (_, fireAt) => `"fireAt":"${label(fireAt, origin(fireAt))}"`,
      );
    }
  }
  renameFireAt([record.canonical, record.exchanges], (fireAt) => label(fireAt));
}

function renameFireAt(value, label) {
  if (!value || typeof value !== 'object') return;
  for (const [key, member] of Object.entries(value)) {
    if (/^fireAt$/i.test(key) && typeof member === 'string') {
      if (!member.startsWith('<')) value[key] = label(member);
    } else renameFireAt(member, label);
  }
}
