/** With write access to the durable extension's storage, a shown plan can be changed, but no decision about it is accepted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPlan } from '../../src/approvals/index.js';
import type { CaseRecord } from '../../src/domain/case-record.js';
import type { Plan } from '../../src/domain/plan.js';
import { CHANNELS, EveryChannel } from './every-channel.js';
import type { Request } from './responder.js';

const by = 'Robin Keller';
const CASE = 'SELECT entity_state AS state FROM instances WHERE id = ?';

function alter(directory: string, { instanceId }: Request, change: (record: CaseRecord) => unknown): void {
  const id = `@case@${instanceId}.1`;
  const database = new Libsql(join(directory, 'host.db'));
  const row = database.prepare(CASE).get(id) as { state: string };
  const entity = JSON.parse(row.state) as { state: string };
  const state = JSON.stringify(change(JSON.parse(entity.state) as CaseRecord));
  const changed = JSON.stringify({ ...entity, state });
  database.prepare('UPDATE instances SET entity_state = ? WHERE id = ?').run(changed, id);
  database.close();
}

const another = ({ steps, ...plan }: Plan) => ({
  ...plan,
  steps: steps.map((step) => ({ ...step, title: 'Collect logs', target: 'another-device' })),
});
const withPlan = ({ file, ...record }: CaseRecord, plan: Plan): CaseRecord => {
  const approvals = file.approvals.map((request) => ({ ...request, planHash: plan.hash }));
  return { ...record, file: { ...file, plan, approvals } };
};
/** The first matches answers of the channels, the second that of the orchestration, which has the original plan. */
const ALTERED: readonly (readonly [string, RegExp, (plan: Plan) => Plan])[] = [
  ['under its own hash', /does not match its hash/, another],
  [
    'with another hash',
    /another version of the plan|not issued by this responder/,
    (plan) => {
      const { hash: _, ...body } = another(plan);
      return hashPlan(body);
    },
  ],
];

describe.each(ALTERED)('a plan that was altered in storage %s', (_how, refused, change) => {
  let directory: string;
  let channels: EveryChannel;
  let request: Request;
  /** Whether the altered request is still shown with a form; if not, people decide on a page opened before. */
  let isShown: boolean;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'altered-'));
    channels = await EveryChannel.start({ dataDirectory: directory });
    const asked = await channels.responder.asked(await channels.responder.deliver(), 'analysts');
    await channels.teams.card('Approval needed');
    await channels.open(asked, by, 'before');
    await channels.responder.host.idle();
    await channels.restart(() =>
      alter(directory, asked, (record) =>
        withPlan(record, change(record.file.plan ?? expect.fail('there is no plan'))),
      ),
    );
    isShown = (await channels.look(by, `/approvals/${asked.approval.id}`)).includes('<form');
    request = isShown ? await channels.responder.request(asked.approval.id) : asked;
  });
  afterAll(async () => {
    await channels.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(CHANNELS)('is not decided by through %s', async (channel) => {
    const said = await channels.decide(channel, request, { by, ...(isShown ? {} : { id: 'before' }) });
    expect(said.counted).toBe(false);
    expect(said.text).toMatch(refused);
    const acts = channels.responder.effects().filter(({ host }) => host !== 'smba.trafficmanager.net');
    expect(acts).toEqual([]);
  });
});

describe('a case file that cannot be read', () => {
  let directory: string;
  let channels: EveryChannel;
  let request: Request;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'altered-'));
    channels = await EveryChannel.start({ dataDirectory: directory });
    request = await channels.responder.asked(await channels.responder.deliver(), 'analysts');
    await channels.open(request, by, 'before');
    await channels.responder.host.idle();
    await channels.restart(() => alter(directory, request, () => ({ from: 'another version' })));
  });
  afterAll(async () => {
    await channels.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is no fault of the caller, and says what to do', async () => {
    const { status, json } = await channels.responder.call('GET', `/api/incidents/${request.instanceId}`);
    expect({ status, ...json }).toMatchObject({ status: 503, code: 'not-available' });
    const shown = await channels.look(by, `/approvals/${request.approval.id}`);
    expect(shown).toContain('Try again');
  });

  it.each(['page', 'http', 'teams'] as const)('is not decided by through %s', async (channel) => {
    const said = await channels.decide(channel, request, { by, id: 'before' });
    expect(said.counted).toBe(false);
    expect(said.text).toMatch(/again/);
  });
});
