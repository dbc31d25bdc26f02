// Plays a scenario: requests, waits and pauses, then collects what the app's own recorder has seen.
import { connect } from 'node:net';
import { normalise } from './normalise.mjs';
import { canonicalOf, turnsOf } from './turns.mjs';

const D = '/runtime/webhooks/durabletask';
const TERMINAL = ['Completed', 'Failed', 'Terminated', 'Canceled'];
const HEADERS = ['content-type', 'location', 'retry-after', 'x-ms-continuation-token', 'www-authenticate'];
const WAIT_MS = 25_000;
const POLL_MS = 60;
const SETTLE_MS = 150;
const START_BODY =
  'id,statusQueryGetUri,sendEventPostUri,terminatePostUri,purgeHistoryDeleteUri,restartPostUri,suspendPostUri,resumePostUri';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export class Player {
  /**
   * @param names of all scenarios, longest first: the owner of an instance is the scenario its id begins with
   * @param {import('./timing.mjs').Timing} timing
   * @param {import('functions-emulator').Clock} clock what pauses are measured by; a virtual one goes on in pauses and waits only
   */
  constructor(base, names, keys, timing, clock) {
    this.base = base;
    this.names = names;
    this.keys = keys;
    this.timing = timing;
    this.clock = clock;
  }

  async play(scenario) {
    const began = this.clock.now();
    const hold = { release: this.clock.hold('a scenario') };
    try {
      return await this.#play(scenario, began, hold);
    } finally {
      hold.release();
    }
  }

  async #play(scenario, began, hold) {
    const from = (await this.#json('/api/trace/count')).count;
    const exchanges = [];
    const saved = {};
    for (const steps of this.#inOrder(scenario.steps)) {
      // Two when the first is overtaken by the second; what came of them is still listed as it was requested.
      const made = new Map();
      for (const step of steps.toReversed()) {
        const own = [];
        try {
          await this.#step(step, saved, own, exchanges.length, hold);
        } catch (error) {
          own.push({ step, failed: `${error.name}: ${error.message}` });
        }
        made.set(step, own);
      }
      for (const step of steps) exchanges.push(...made.get(step));
    }
    await this.#pause(scenario.settleMs ?? SETTLE_MS, hold);
    const records = await this.#json(`/api/trace?from=${from}`);
    const { turns, executions } = turnsOf(records, this.#belongsTo(scenario.name, saved, records));
    const canonical = canonicalOf(executions, turns);
    this.#order(turns, canonical);
    const outcome = await this.#outcome(canonical);
    const about = { name: scenario.name, covers: scenario.covers, note: scenario.note };
    const raw = { scenario: about, exchanges, outcome, canonical, trace: turns };
    const record = shorten(normalise(raw, began, this.base));
    if (scenario.whole !== true) compact(record);
    if (scenario.noTrace) record.trace = 'left out: see canonical';
    return JSON.parse(JSON.stringify(record));
  }

  /** The steps one by one, but a start that is overtaken together with what comes next. */
  #inOrder(steps) {
    const isOvertaken = (step) =>
      this.timing.overtaken?.some((id) => step?.request?.path.endsWith(`/${id}`)) === true;
    return steps.flatMap((step, index) => {
      if (isOvertaken(steps[index - 1])) return [];
      return [isOvertaken(step) ? [step, steps[index + 1]] : [step]];
    });
  }

  /** @param before how many exchanges there have been */
  async #step(step, saved, exchanges, before, hold) {
    if (step.sleep) {
      const pause = step.sleep - (before === 1 ? this.timing.start : 0);
      return this.#pause(Math.max(0, pause), hold);
    }
    if (step.parallel) {
      const responses = await Promise.all(step.parallel.map((request) => this.#send(request, saved)));
      for (const [index, request] of step.parallel.entries())
        exchanges.push({ request, response: responses[index], parallel: true });
      return undefined;
    }
    if (step.request) {
      const response = await this.#send(step.request, saved);
      for (const [name, from] of Object.entries(step.save ?? {})) {
        saved[name] = from.startsWith('header:') ? response.headers[from.slice(7)] : response.body?.[from];
      }
      exchanges.push({ request: step.request, response });
    }
    if (step.waitFor)
      exchanges.push({ waitFor: step.waitFor, outcome: await this.#wait(step.waitFor, saved, hold) });
    return undefined;
  }

  #fill(text, saved) {
    return text.replace(/\{\{(\w+)([+-]\d+)?\}\}/g, (whole, name, seconds) => {
      if (name === 'now') return new Date(this.clock.now() + Number(seconds ?? 0) * 1000).toISOString();
      if (name === 'base') return this.base;
      if (name.startsWith('key_')) return this.keys?.[name.slice(4)] ?? whole;
      return saved[name] ?? whole;
    });
  }

  async #send(request, saved) {
    if (request.bare) return this.#sendBare(request);
    const headers = {
      ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    };
    for (const [name, value] of Object.entries(headers)) headers[name] = this.#fill(value, saved);
    let body = request.json === undefined ? request.body : JSON.stringify(request.json);
    if (request.jsonOfSize) {
      headers['content-type'] = 'application/json';
      body = JSON.stringify({ text: 'x'.repeat(request.jsonOfSize) });
    }
    if (typeof body === 'string') body = this.#fill(body, saved);
    const method = request.method ?? 'GET';
    const withBody = body !== undefined && method !== 'GET' && method !== 'HEAD';
    const response = await fetch(this.base + this.#fill(request.path, saved), {
      method,
      headers,
      redirect: 'manual',
      ...(withBody ? { body } : {}),
    });
    const text = await response.text();
    const shown = {};
    for (const name of HEADERS)
      if (response.headers.get(name) !== null) shown[name] = response.headers.get(name).trim();
    return { status: response.status, headers: shown, body: text === '' ? '' : parse(text) };
  }

  /** A request with neither body nor Content-Length, which no client sends by itself. */
  #sendBare(request) {
    const { hostname, port, host } = new URL(this.base);
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `${request.method} ${request.path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
      });
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('error', reject);
      socket.on('end', () => {
        const [head] = text.split('\r\n\r\n');
        const headers = {};
        for (const line of head.split('\r\n').slice(1)) {
          const name = line.slice(0, line.indexOf(':')).toLowerCase();
          if (HEADERS.includes(name)) headers[name] = line.slice(line.indexOf(':') + 1).trim();
        }
        const body = text.match(/\{.*\}/s)?.[0].replace(/\r\n[0-9a-f]+\r\n/g, '');
        resolve({
          status: Number(text.split(' ')[1]),
          headers,
          body: body === undefined ? '' : JSON.parse(body),
        });
      });
    });
  }

  #pause(ms, hold) {
    return new Promise((resolve) => {
      this.clock.at(this.clock.now() + ms, () => {
        hold.release = this.clock.hold('a scenario');
        resolve();
      });
      hold.release();
    });
  }

  async #wait(wait, saved, hold) {
    hold.release();
    try {
      return await this.#look(wait, saved);
    } finally {
      hold.release = this.clock.hold('a scenario');
    }
  }

  async #look(wait, saved) {
    const id = this.#fill(wait.instance, saved);
    let over = false;
    const cancel = this.clock.at(this.clock.now() + (wait.timeoutMs ?? WAIT_MS), () => {
      over = true;
    });
    const statuses = wait.status ?? (wait.customStatus === undefined ? TERMINAL : undefined);
    for (;;) {
      const response = await fetch(`${this.base}${D}/instances/${encodeURIComponent(id)}?showInput=false`);
      const seen =
        response.status === 404
          ? { runtimeStatus: 'unknown instance' }
          : await response.json().catch(() => ({}));
      const result = { runtimeStatus: seen.runtimeStatus, customStatus: seen.customStatus ?? null };
      const reached =
        (statuses === undefined || statuses.includes(seen.runtimeStatus)) &&
        (wait.customStatus === undefined ||
          JSON.stringify(seen.customStatus) === JSON.stringify(wait.customStatus));
      const hopeless = statuses === undefined && TERMINAL.includes(seen.runtimeStatus);
      if (reached || over || hopeless) {
        cancel();
        return { reached, ...result };
      }
      await sleep(POLL_MS);
    }
  }

  #json(path) {
    return fetch(this.base + path).then((response) => response.json());
  }

  #owner(id) {
    return this.names.find((name) => id.startsWith(`${name}-`));
  }

  /** Instances of a scenario: named after it, saved by it, or children without a name of either. */
  #belongsTo(name, saved, records) {
    const known = new Set(Object.values(saved));
    const executions = new Set();
    const mine = (id) =>
      this.#owner(id) === name ||
      known.has(id) ||
      [...executions].some((execution) => id.startsWith(execution));
    for (let pass = 0; pass < 3; pass++) {
      for (const record of records) {
        if (record.type !== 'orchestrationTrigger') continue;
        const binding = parse(record.input);
        const start = binding?.history?.find((event) => event.EventType === 0);
        if (start && mine(binding.instanceId)) executions.add(start.OrchestrationInstance.ExecutionId);
      }
    }
    return mine;
  }

  #order(turns, canonical) {
    const rank = { orchestrator: 0, activity: 1, entity: 2 };
    const seen = new Map();
    for (const { instance } of turns) if (!seen.has(instance)) seen.set(instance, seen.size);
    const idKey = ({ instance }) =>
      this.#owner(instance) || instance.startsWith('@')
        ? instance
        : `~${String(seen.get(instance)).padStart(4, '0')}`;
    const key = (turn) =>
      turn.kind === 'activity' ? `${idKey(turn)}|${turn.fn}|${JSON.stringify(turn.input)}` : idKey(turn);
    const by = (of) => (a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
    turns.sort((a, b) => rank[a.kind] - rank[b.kind] || by(key)(a, b));
    canonical.sort(by(idKey));
  }

  async #outcome(canonical) {
    const outcome = {};
    for (const { instance } of canonical) {
      if (outcome[instance]) continue;
      const { status, body } = await this.#send(
        { path: `${D}/instances/${encodeURIComponent(instance)}` },
        {},
      );
      const { name, runtimeStatus, customStatus, output } = body;
      outcome[instance] = {
        httpStatus: status,
        ...(status < 300 ? { name, runtimeStatus, customStatus, output } : {}),
      };
    }
    return outcome;
  }
}

const LONG = 3000;
function shorten(value) {
  if (typeof value === 'string' && value.length > LONG)
    return `${value.slice(0, 120)}…(${value.length} characters)`;
  if (Array.isArray(value)) return value.map(shorten);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shorten(member)]));
  return value;
}

/** What is the same for every start, and what only repeats an input, is left out. */
function compact(record) {
  for (const { response } of record.exchanges) {
    const body = response?.body;
    if (
      response?.status === 202 &&
      body &&
      typeof body === 'object' &&
      Object.keys(body).join() === START_BODY
    ) {
      response.body = { id: body.id, '…': 'the usual management URIs' };
    }
  }
  for (const turn of record.trace) {
    if (turn.kind !== 'activity') continue;
    const input = JSON.stringify(turn.input);
    for (const [name, value] of Object.entries(turn.metadata)) {
      if (name !== 'instanceId' && input?.length > 40 && JSON.stringify(value) === input)
        turn.metadata[name] = '<the input>';
    }
  }
}
