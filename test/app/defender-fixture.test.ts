/** The fixture of an incident that no Sentinel workspace knows: what approvers see of it, and what is written into Defender. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixtureDirectory } from '../../src/cli/fixture.js';
import { resultLines } from '../../src/cli/result-lines.js';
import { writtenComment } from '../../src/cli/written-comment.js';
import type { CaseFile } from '../../src/domain/case-file.js';
import { defender } from './defender-incidents.js';
import { ANALYSTS, type Responder, type Tenant } from './responder.js';
import { shown, TeamsResponder } from './teams/teams.js';

/** With its times shortly before those of the other tests, whose sign-in links would have expired. */
const read = (file: string): unknown => {
  const text = readFileSync(`${fixtureDirectory('hijacked-supplier-thread')}/${file}`, 'utf8');
  const moved = text
    .replaceAll('2026-04-21T13', '2026-03-10T08')
    .replaceAll('2026-04-21T12', '2026-03-10T07');
  return JSON.parse(moved);
};
const LINK = 'https://security.microsoft.com/incidents/7405?tid=00000000-0000-4000-8000-0000000000ac';
const WORKSTATION = 'ws-buy-0311.corp.fabrikam.com';
let teams: TeamsResponder;
let responder: Responder;
let instanceId: string;
let cookie: string;
let file: CaseFile;

const page = async (path: string) => (await responder.fetch(path, { headers: { cookie } })).text;
const comments = () =>
  defender(responder.tenant()).securityIncidents.flatMap((incident) =>
    incident.comments.map((one) => one.comment),
  );

beforeAll(async () => {
  teams = await TeamsResponder.start({
    change: (tenant: Tenant) => {
      for (const key of Object.keys(tenant)) Reflect.deleteProperty(tenant, key);
      Object.assign(tenant, read('tenant.json'));
    },
  });
  ({ responder } = teams);
  instanceId = await responder.deliver(read('event.json'));
  const signIn = await responder.fetch('/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: responder.host.url },
    body: new URLSearchParams({ token: responder.linkToken, analyst: ANALYSTS[0].id }).toString(),
  });
  cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterAll(() => teams.stop());

it('shows the incident with its alerts, evidence and link on the page and on the cards', async () => {
  const request = await responder.asked(instanceId, 'analysts');
  const text = await page(`/approvals/${instanceId}`);
  expect(text).toContain(`<a href="${LINK}" rel="noopener noreferrer">Open in Defender</a>`);
  for (const shown of [
    'Messages that pretend to continue a conversation were delivered',
    'Backup catalogue was deleted on a server',
    'Incident 7405',
    WORKSTATION,
    'mira.sato@fabrikam.com',
    'belongs to no Sentinel workspace',
  ]) {
    expect(text).toContain(shown);
  }
  // Its log is not one that a setting could add.
  expect(text).not.toContain('SENTINEL_WORKSPACES');
  const card = shown(await teams.card(/Isolate the device/));
  expect(card).toContain(`Isolate the device: ${WORKSTATION}`);
  expect(card).toContain(`"title":"Open incident","url":"${LINK}"`);
  expect((await responder.decide(request)).json.code).toBe('approved');
  const leads = await responder.asked(instanceId, 'leads');
  expect((await responder.decide(leads, { by: 'Kim Larsen' })).json.code).toBe('more-approvers-needed');
  expect((await responder.decide(leads)).json.code).toBe('approved');
  file = await responder.ended(instanceId);
  expect(file.outcome).toBe('remediated');
});

it('adds a comment of each state, and changes none', () => {
  const [waiting = '', result = '', ...more] = comments();
  expect(more).toEqual([]);
  expect(waiting).toContain('waiting for approval');
  for (const done of [
    `Isolate the device (${WORKSTATION}`,
    "Revoke the user's sessions (mira.sato@fabrikam.com",
    'Disable the user (jonas.weber@fabrikam.com',
  ]) {
    expect(waiting).toContain(done);
    expect(result).toContain(done);
  }
  expect(result).toMatch(/^Sentinel Responder: remediated\./);
  expect(result).toMatch(/\): confirmed\n/);
});

it('reports the comment in the terminal, by the mark that it has in Defender', () => {
  const written = writtenComment(responder.tenant(), file.comment?.id);
  expect(written).toMatch(/^Sentinel Responder: remediated\./);
  const lines = resultLines(file, written, { paint: (_, text) => text });
  expect(lines.join('\n')).toMatch(
    /comment on incident #7405, .*revision 2\n +\| Sentinel Responder: remediated/,
  );
});
