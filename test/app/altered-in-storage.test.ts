/** Whoever can write to the storage of the durable extension can have people shown another plan: nobody decides by it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealPlan } from '../../src/approvals/index.js';
import type { CaseRecord } from '../../src/domain/case-record.js';
import type { Plan } from '../../src/domain/plan.js';
import { DOORS, EveryDoor } from './every-door.js';
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
/** The doors see the first; the second is for the orchestration, which has the plan itself. */
const ALTERED: readonly (readonly [string, RegExp, (plan: Plan) => Plan])[] = [
  ['under its own hash', /not the one that its hash belongs to/, another],
  [
    'with another hash',
    /another version of the plan|not one of ours/,
    (plan) => {
      const { hash: _, ...body } = another(plan);
      return sealPlan(body);
    },
  ],
];

describe.each(ALTERED)('a plan that was altered in storage %s', (_how, refused, change) => {
  let directory: string;
  let doors: EveryDoor;
  let request: Request;
  /** Whether people can still be asked by it; else they decide on what they had open. */
  let isShown: boolean;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'altered-'));
    doors = await EveryDoor.start({ dataDirectory: directory });
    const asked = await doors.responder.asked(await doors.responder.deliver(), 'analysts');
    await doors.teams.card('Approval needed');
    await doors.open(asked, by, 'before');
    await doors.responder.host.idle();
    await doors.restart(() =>
      alter(directory, asked, (record) =>
        withPlan(record, change(record.file.plan ?? expect.fail('there is no plan'))),
      ),
    );
    isShown = (await doors.look(by, `/approvals/${asked.approval.id}`)).includes('<form');
    request = isShown ? await doors.responder.request(asked.approval.id) : asked;
  });
  afterAll(async () => {
    await doors.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(DOORS)('is not decided by through %s', async (door) => {
    const said = await doors.decide(door, request, { by, ...(isShown ? {} : { id: 'before' }) });
    expect(said.counted).toBe(false);
    expect(said.text).toMatch(refused);
    const acts = doors.responder.effects().filter(({ host }) => host !== 'smba.trafficmanager.net');
    expect(acts).toEqual([]);
  });
});

describe('a case file that cannot be read', () => {
  let directory: string;
  let doors: EveryDoor;
  let request: Request;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'altered-'));
    doors = await EveryDoor.start({ dataDirectory: directory });
    request = await doors.responder.asked(await doors.responder.deliver(), 'analysts');
    await doors.open(request, by, 'before');
    await doors.responder.host.idle();
    await doors.restart(() => alter(directory, request, () => ({ from: 'another version' })));
  });
  afterAll(async () => {
    await doors.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is no fault of the caller, and says what to do', async () => {
    const { status, json } = await doors.responder.call('GET', `/api/incidents/${request.instanceId}`);
    expect({ status, ...json }).toMatchObject({ status: 503, code: 'not-available' });
    const shown = await doors.look(by, `/approvals/${request.approval.id}`);
    expect(shown).toContain('Try again');
  });

  it.each(['page', 'http', 'teams'] as const)('is not decided by through %s', async (door) => {
    const said = await doors.decide(door, request, { by, id: 'before' });
    expect(said.counted).toBe(false);
    expect(said.text).toMatch(/again/);
  });
});
