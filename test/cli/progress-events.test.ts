import type { HostEvent } from 'functions-emulator';
import { describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/cli/progress/progress-events.js';
import { ProgressTracker } from '../../src/cli/progress/progress-tracker.js';
import { describeProgress as describeFact } from '../../src/cli/progress/text.js';

const instanceId = 'incident-0000000000000000000000000000000000000001';
const at = Date.parse('2026-03-10T08:12:00Z');
const words = {
  paint: (_style: string, text: string) => text,
  waitingHelp: (id: string) => [`decide ${id}`],
};

const changed = (customStatus: unknown, more: object = {}): HostEvent => ({
  kind: 'instance-changed',
  instanceId,
  name: 'handleIncident',
  runtimeStatus: 'Running',
  customStatus,
  output: undefined,
  at,
  ...more,
});
const status = (state: string, more: object = {}) => ({
  state,
  title: 'T',
  severity: 'high',
  generation: 1,
  revision: 1,
  ...more,
});

/** The two host events of an activity. */
function activity(name: string, input: unknown, result: unknown, durationMs = 40): HostEvent[] {
  const about = { invocationId: name, trigger: 'activityTrigger' as const, name, instanceId, at };
  return [
    { kind: 'invocation-started', ...about, input },
    { kind: 'invocation-ended', ...about, ok: true, result, durationMs },
  ];
}
const factsOf = (events: readonly HostEvent[], reader = new ProgressTracker()) =>
  events.flatMap((event) => reader.read(event));
const linesOf = (events: readonly HostEvent[]) =>
  factsOf(events).flatMap((fact) => describeFact(fact, words));

const task = {
  action: 'defender.device',
  entityKey: 'host:mde:1',
  target: 'ws-1',
  as: 'device',
  deadlineMs: 1000,
};

describe('the progress events of an incident', () => {
  it('report once that it was accepted, however often the instance changes', () => {
    const facts = factsOf([changed(null), changed(status('reading')), changed(status('enriching'))]);
    expect(facts.map(({ kind }) => kind)).toEqual(['accepted']);
  });

  it('say that an unknown incident is looked for again, until it no longer is', () => {
    const error = { code: 'not-found', message: 'It does not exist.', fault: 'caller', retry: 'no' };
    const unknown = activity('readIncident', {}, { ok: false, error });
    const timer: HostEvent = { kind: 'timer-set', instanceId, fireAt: at + 10_000, at };
    const facts = factsOf([...unknown, timer, timer, ...unknown]);
    expect(facts).toEqual([
      { kind: 'reading-again', at, instanceId, error: 'not-found: It does not exist.', afterMs: 10_000 },
    ]);
    expect(facts.flatMap((fact) => describeFact(fact, words))[0]).toContain('again in 10 s');
    const incident = activity('readIncident', {}, { ok: true, value: {} });
    expect(factsOf([...unknown, ...incident, timer])).toEqual([]);
  });

  it('show the duration and the first values of each enrichment', () => {
    const output = { riskScore: 'High', isServer: false, tags: ['Finance'] };
    const value = { results: [{ ok: true, output, durationMs: 40 }] };
    const events = activity('enrich', { tasks: [task] }, { ok: true, value });
    expect(linesOf(events)).toEqual([
      '  ✔ defender.device          ws-1  40 ms  riskScore=High isServer=false',
    ]);
  });

  it('show why an enrichment failed', () => {
    const error = {
      code: 'forbidden',
      message: 'Machine.Read.All is missing.',
      fault: 'caller',
      retry: 'no',
    };
    const value = { results: [{ ok: false, error }] };
    const failed = '  ✖ defender.device          ws-1  40 ms  forbidden: Machine.Read.All is missing.';
    expect(linesOf(activity('enrich', { tasks: [task] }, { ok: true, value }))).toEqual([failed]);
    expect(linesOf(activity('enrich', { tasks: [task] }, { ok: false, error }))).toEqual([
      '  ✖ defender.device          ws-1  40 ms  forbidden: Machine.Read.All is missing.',
    ]);
  });

  it('report once that it waits, with the time left and the way to decide', () => {
    const waiting = changed(status('awaiting-approval', { expiresAt: '2026-03-10T12:12:00Z' }));
    expect(linesOf([changed(status('deciding')), waiting, waiting])).toEqual([
      'waiting for approval',
      `  decide ${instanceId}`,
      '  time left  4 h (until 2026-03-10 12:12 UTC)',
    ]);
  });

  it('do not repeat a state that was read from disk', () => {
    const reader = new ProgressTracker();
    reader.markStage(instanceId, 'awaiting-approval', '2026-03-10T12:12:00Z');
    const waiting = changed(status('awaiting-approval', { expiresAt: '2026-03-10T12:12:00Z' }));
    expect(factsOf([waiting], reader)).toEqual([]);
  });

  it('report the new time left after an extension, and none after the decision', () => {
    const until = (expiresAt?: string) => changed(status('awaiting-approval', { expiresAt }));
    const facts = factsOf([
      until('2026-03-10T12:12:00Z'),
      until('2026-03-10T13:12:00Z'),
      until('2026-03-10T13:12:00Z'),
      changed(status('responding')),
    ]);
    expect(facts.map(({ kind }) => kind)).toEqual(['waiting', 'waits-until', 'waits-until']);
    expect(facts.flatMap((fact) => describeFact(fact, words)).slice(3)).toEqual([
      '  time left  5 h (until 2026-03-10 13:12 UTC)',
    ]);
  });

  it('omit notes about settings that only apply to Azure', () => {
    const log = (message: string): HostEvent => ({
      kind: 'log',
      level: 'warning',
      category: 'Host',
      message,
      at,
    });
    const messages = [
      'host.json: not honoured by this host: extensionBundle.id, extensionBundle.version.',
      'local.settings.json: Host is not honoured by this host.',
      'The disk is nearly full.',
    ];
    expect(linesOf(messages.map(log))).toEqual(['warning: The disk is nearly full.']);
  });

  it('distinguish an accepted decision from a refused one', () => {
    const decision = {
      id: 'd-1',
      requestId: 'incident-1.analysts',
      kind: 'approve',
      revision: 1,
      planHash: 'h',
      steps: ['s-1'],
      by: { kind: 'person', objectId: 'a', name: 'Local analyst', channel: 'cli' },
      at: '2026-03-10T08:12:00.000Z',
    };
    const evaluated = (outcome: object) => {
      const value = { evaluated: { decision, outcome, evaluatedAt: decision.at }, approvals: [] };
      return linesOf(activity('evaluateDecision', { message: {} }, { ok: true, value }));
    };
    expect(evaluated({ accepted: true, code: 'approved', message: '1 step will be carried out.' })).toEqual([
      'Local analyst approved',
    ]);
    const message = '1 of 2 approved; another person must approve the same steps.';
    expect(evaluated({ accepted: true, code: 'more-approvers-needed', message })).toEqual([
      `Local analyst approved: ${message}`,
    ]);
    expect(evaluated({ accepted: false, code: 'stale-plan', message: 'The plan has changed.' })).toEqual([
      'a decision of Local analyst was refused: The plan has changed.',
    ]);
    expect(linesOf(activity('evaluateDecision', {}, { ok: true, value: { approvals: [] } }))).toEqual([]);
  });

  it('show the proof of a response', () => {
    const step = { action: 'defender.isolate-device', target: 'ws-1', entityKey: 'host:mde:1', input: {} };
    const proof = 'Machine action 7 was read back as Succeeded; no later release exists.';
    const value = { state: 'confirmed', proof, evidence: {} };
    expect(linesOf(activity('confirmResponse', { step }, { ok: true, value }))).toEqual([
      `  ✔ defender.isolate-device ws-1: confirmed  ${proof}`,
    ]);
  });

  it('show a proof that the action itself returned', () => {
    const step = { action: 'entra.revoke-sessions', target: 'dana', entityKey: 'account:1', input: {} };
    const confirmation = { state: 'confirmed', proof: 'Read back.', evidence: {} };
    const value = { state: 'requested', output: {}, evidence: {}, confirmation };
    expect(linesOf(activity('runResponse', { step }, { ok: true, value })).at(-1)).toBe(
      '  ✔ entra.revoke-sessions dana: confirmed  Read back.',
    );
  });

  it('end once, with the outcome', () => {
    const done = changed(status('ended'), { runtimeStatus: 'Completed', output: { outcome: 'remediated' } });
    expect(linesOf([changed(status('confirming')), done, done])).toEqual(['incident handled: remediated']);
  });

  it('end when the incident is handled, even if the instance waits for an undo', () => {
    const handled = { ...status('ended'), outcome: 'remediated' };
    const done = changed(handled, { runtimeStatus: 'Completed', output: { outcome: 'undone' } });
    expect(linesOf([changed(status('confirming')), changed(handled), done])).toEqual([
      'incident handled: remediated',
    ]);
  });

  it('report a failed orchestration', () => {
    const failed = changed(null, { runtimeStatus: 'Failed', output: 'boom' });
    expect(linesOf([changed(status('reading')), failed]).at(-1)).toBe(
      'incident not handled: the orchestration is Failed: boom',
    );
  });

  it('omit other orchestrations, entities and routine log lines', () => {
    const log = { kind: 'log', category: 'Host', at } as const;
    const events: HostEvent[] = [
      { ...changed(null), name: '@case' } as HostEvent,
      { ...log, level: 'information', message: 'routine' },
      { ...log, level: 'warning', message: 'odd' },
    ];
    expect(linesOf(events)).toEqual(['warning: odd']);
  });

  it('cannot control the terminal, whatever text an incident has', () => {
    const hostile = { ...task, target: 'ws\u001b[2J-1\u202e\r\n' };
    const value = { results: [{ ok: true, output: {}, durationMs: 1 }] };
    const [line = ''] = linesOf(activity('enrich', { tasks: [hostile] }, { ok: true, value }));
    expect(line).toContain('ws [2J-1');
    expect([...line].every((char) => char >= ' ' && char !== '\u202e')).toBe(true);
  });

  it('tolerate activity results of an unknown form', () => {
    const nonsense = ['readIncident', 'decide', 'evaluateDecision', 'writeComment', 'enrich'];
    const facts: (ProgressEvent | { kind: string })[] = nonsense.flatMap((name) =>
      factsOf(activity(name, 7, 'text')),
    );
    expect(facts).toEqual([]);
  });
});
