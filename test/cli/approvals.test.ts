import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, type Ended, type Running, startResponder, temporaryDirectory } from './run-cli.js';

const SLOW = 120_000;
let directory: ReturnType<typeof temporaryDirectory>;
let responder: Running;
let instanceId: string;
let requestId: string;

const approvals = (...args: string[]) => cli(['approvals', ...args, '--data-directory', directory.path]);
const json = ({ stdout }: Ended) => JSON.parse(stdout) as Record<string, unknown>;
const codeOf = ({ code, stderr }: Ended) => [
  code,
  /"code":"([\w-]+)"|error \[([\w-]+)\]/.exec(stderr)?.slice(1).find(Boolean),
];

beforeAll(async () => {
  directory = temporaryDirectory();
  responder = startResponder(directory.path);
  ({ instanceId } = (await responder.kind('waiting')) as { instanceId: string });
  requestId = `${instanceId}.1.analysts`;
}, SLOW);
afterAll(async () => {
  responder.child.kill('SIGINT');
  await responder.ended;
  directory.remove();
}, SLOW);

// In this order: the request is decided at the end.
describe('a pending request', () => {
  it('is listed and shown, as text and as JSON', async () => {
    const list = JSON.parse((await approvals('list', '--json')).stdout) as { id: string }[];
    expect(list.map(({ id }) => id)).toEqual([requestId]);
    const listed = (await approvals('list')).stdout;
    expect(listed).toContain(requestId);
    const record = `ws-fin-0142.corp.contoso.com (${'0142fade'.repeat(5)})`;
    expect(listed).toContain(`Isolate the device: ${record}, and 1 more`);
    const shown = await approvals('show', instanceId);
    for (const part of ['revision   1-', '0 of 1', 'SOC Analysts', 'impact:', 'undo:', 'no undo:']) {
      expect(shown.stdout).toContain(part);
    }
    // Why, and what is left out.
    for (const part of [
      'alerts     6',
      'why: ',
      'device.riskScore = "High"',
      'Manual action: Disable the user (svc-finsync)',
    ]) {
      expect(shown.stdout).toContain(part);
    }
    for (const part of [
      `Isolate the device: ${record}`,
      'Not checked, because the service does not have it: ',
    ]) {
      expect(shown.stdout).toContain(part);
    }
    expect(json(await approvals('show', requestId, '--json'))).toMatchObject({
      request: { state: 'waiting' },
    });
  });

  it('that does not exist is an error with a next step', async () => {
    const unknown = await approvals('show', 'incident-0');
    expect(codeOf(unknown)).toEqual([2, 'unknown-request']);
    expect(unknown.stderr).toContain('next: ');
    expect(codeOf(await approvals('approve', `incident-${'0'.repeat(40)}`, '--yes'))).toEqual([
      2,
      'unknown-incident',
    ]);
    expect(codeOf(await approvals('undo', instanceId, '--yes'))).toEqual([2, 'unknown-request']);
  });
});

describe('a decision', () => {
  it('is not sent without confirmation', async () => {
    expect(codeOf(await approvals('approve', requestId))).toEqual([2, 'not-confirmed']);
    expect(codeOf(await approvals('approve', requestId, '--json'))).toEqual([2, 'not-confirmed']);
  });

  it.each([
    ['of an unknown analyst', ['approve', '--as', 'Nobody'], 2, 'unknown-analyst'],
    ['of an analyst who is not an approver', ['approve', '--as', 'Noor Haddad'], 4, 'not-an-approver'],
    ['about another revision', ['approve', '--if-revision', '7-0000000000000000'], 4, 'stale-revision'],
    ['of an analyst who could be two', ['approve', '--as', 'a'], 2, 'ambiguous-analyst'],
    ['about a step that is not in the request', ['approve', '--step', 'wipe'], 2, 'unknown-action'],
    ['to reject without a reason', ['reject'], 2, 'reason-required'],
    ['to undo what was not done', ['undo'], 4, 'wrong-kind'],
  ])('%s is refused with a code and an exit code', async (_what, [kind = '', ...options], exit, code) => {
    const refused = await approvals(kind, requestId, ...options, '--yes');
    expect(codeOf(refused)).toEqual([exit, code]);
    // The next step is a command.
    expect(refused.stderr).not.toMatch(/GET |ETag/);
  });

  it('to a remote responder needs https and a token', async () => {
    expect(codeOf(await cli(['approvals', 'list', '--url', 'http://contoso.com']))).toEqual([2, 'usage']);
    expect(
      codeOf(await cli(['approvals', 'list', '--url', 'https://contoso.com'], { RESPONDER_TOKEN: '' })),
    ).toEqual([2, 'no-token']);
    expect(
      codeOf(await cli(['approvals', 'list', '--url', 'https://contoso.com', '--as', 'Kim Larsen'])),
    ).toEqual([2, 'usage']);
  });

  it('to extend moves the deadline', async () => {
    const before = json(await approvals('show', requestId, '--json')) as { request: { expiresAt: string } };
    const sent = await approvals('extend', requestId, '--yes', '--json');
    expect([sent.code, json(sent)]).toEqual([
      0,
      expect.objectContaining({ status: 'accepted', code: 'extended' }),
    ]);
    const after = json(await approvals('show', requestId, '--json')) as { request: { expiresAt: string } };
    expect(after.request.expiresAt > before.request.expiresAt).toBe(true);
  });

  it('of the named analyst approves one step; a second decision is refused', async () => {
    // The words that the screen shows.
    const options = ['--step', 'isolate-device', '--as', 'robin', '--reason', 'seen', '--yes'];
    const approved = await approvals('approve', instanceId, ...options);
    expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining('approved 1 step') });
    expect(approved.stdout).toContain('Isolate the device: ws-fin-0142');
    expect(approved.stdout).not.toContain('Revoke');
    expect(codeOf(await approvals('approve', requestId, '--yes'))).toEqual([4, 'already-decided']);
    const entries = JSON.parse((await approvals('audit', requestId, '--json')).stdout) as {
      by?: { name: string };
    }[];
    expect(entries.map(({ by }) => by?.name)).toContain('Robin Keller');
    const audit = (await approvals('audit', requestId)).stdout;
    expect(audit).toContain('not-an-approver');
    expect(audit).toMatch(/decision to approve refused on submission(?:, revision \d+)? \(stale-revision\)/);
    const decided = JSON.parse((await approvals('list', '--decided', '--json')).stdout) as { id: string }[];
    expect(decided.map(({ id }) => id)).toContain(requestId);
  });

  it(
    'to undo what was done is a decision of its own',
    async () => {
      let undone: Ended;
      do {
        await new Promise((resolve) => setTimeout(resolve, 500));
        undone = await approvals('undo', instanceId, '--yes', '--json');
      } while (undone.code === 2);
      expect(json(undone)).toMatchObject({ status: 'accepted', code: 'undo-approved' });
      const { stdout } = await approvals('show', `${requestId}.undo`);
      expect(stdout).toContain('undo “Isolate the device”');
      expect(stdout).not.toContain('impact:');
      expect((await approvals('list', '--decided')).stdout).toMatch(/\.undo +undo of #2001/);
    },
    SLOW,
  );

  it("accepts an incident's id for its completed request, even after an undo", async () => {
    for (const command of ['show', 'audit'])
      expect((await approvals(command, instanceId)).stdout).toContain('Robin Keller');
  });

  it('of several requests, the audit trail says which one it shows, and how to see the others', async () => {
    const { stdout } = await approvals('audit', instanceId);
    expect(stdout.split('\n')[0]).toContain(`${requestId} (`);
    expect(stdout).toContain(`approvals audit ${requestId}.undo`);
    expect((await approvals('audit', `${requestId}.undo`)).stdout.split('\n')[0]).toContain(
      `${requestId}.undo (`,
    );
  });

  it(
    'says of what was undone that it is undone, and no more that it is in force',
    async () => {
      const isUndone = async (): Promise<boolean> => {
        const { effects } = json(await approvals('show', instanceId, '--json')) as {
          effects: { undo?: { state: string } }[];
        };
        return effects.some(({ undo }) => undo?.state === 'confirmed');
      };
      while (!(await isUndone()));
      const shown = (await approvals('show', instanceId)).stdout;
      expect(shown).toContain(': was undone: ');
      expect((await approvals('show', `${requestId}.undo`)).stdout).toContain(': was undone: ');
      expect(shown).not.toMatch(/isolate-device.*(confirmed|no later release)/);
    },
    SLOW,
  );
});
