/** For every outcome, case file, page, card, comment and command line agree. */
import { afterEach, expect, it } from 'vitest';
import { approvalLines } from '../../src/cli/approvals/lines.js';
import { type Approval, approvalSchema } from '../../src/cli/approvals-api.js';
import type { CaseFile, Outcome } from '../../src/domain/case-file.js';
import { OUTCOMES, presentEffect } from '../../src/views/index.js';
import { ANALYSTS, type Analyst, DEVICE, type ResponderOptions, type Tenant } from './responder.js';
import { type ChannelMessage, shown, TeamsResponder } from './teams/teams.js';

const MINUTE = 60_000;
let teams: TeamsResponder;
afterEach(() => teams.stop());

interface Screens {
  readonly file: CaseFile;
  readonly page: string;
  /** The output of `approvals show` for each request. */
  readonly shows: readonly string[];
  readonly comment: string;
  readonly cards: readonly ChannelMessage[];
}

async function screens(instanceId: string): Promise<Screens> {
  const { responder } = teams;
  const file = await responder.caseFile(instanceId);
  if (file === undefined) throw new Error('no case file');
  const body = new URLSearchParams({ token: responder.linkToken, analyst: ANALYSTS[0].id }).toString();
  const form = { 'content-type': 'application/x-www-form-urlencoded', origin: responder.host.url };
  const signedIn = await responder.fetch('/sign-in', { method: 'POST', headers: form, body });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { text: page } = await responder.fetch(`/approvals/${instanceId}`, { headers: { cookie } });
  const shows = file.approvals.map(async ({ id }) => {
    const { json } = await responder.call('GET', `/api/approvals/${id}`);
    const approval: Approval = { ...approvalSchema.parse(json), etag: '' };
    return approvalLines(approval, responder.now(), (_style, text) => text).join('\n');
  });
  const { comments } = responder.tenant();
  expect(comments).toHaveLength(1);
  return {
    file,
    page: unescaped(page),
    shows: await Promise.all(shows),
    comment: unescaped(responder.comment()),
    cards: teams.cards(),
  };
}
const unescaped = (text: string) => text.replaceAll('&#39;', "'").replaceAll('&quot;', '"');

/** The checks for every outcome. */
function agree({ file, page, shows, comment, cards }: Screens): void {
  const words = OUTCOMES[file.outcome ?? 'no-action'].words;
  for (const [name, screen] of Object.entries({ page, comment }))
    expect(screen.includes(words), `${name}: ${words}`).toBe(true);
  for (const effect of file.effects) {
    const present = presentEffect(effect);
    for (const [name, screen] of Object.entries({ page, comment, show: shows.join('\n') }))
      expect(screen.includes(present.words), `${name}: ${present.words}`).toBe(true);
    if (present.tone !== 'over') continue;
    // The first proof is outdated.
    for (const screen of [comment, shows.join('\n'), ...cards.map(shown)]) {
      expect(screen).not.toContain(effect.proof?.slice(0, 60));
    }
  }
  for (const card of cards.map(shown)) {
    if (/"style":"good"/.test(card)) expect(file.outcome).toBe('remediated');
  }
}

async function decide(tier: string, kind: 'approve' | 'reject' | 'undo', by: Analyst): Promise<void> {
  const { responder } = teams;
  const purpose = kind === 'undo' ? 'undo' : 'respond';
  const [instance] = (await responder.call('GET', '/api/incidents')).json.incidents as {
    instanceId: string;
  }[];
  const file = await responder.caseFile(instance?.instanceId ?? '');
  const open = file?.approvals.find((one) => one.tier === tier && one.purpose === purpose);
  const request = await responder.request(open?.id ?? '');
  const { status, text } = await responder.decide(request, { kind, by, reason: 'as a test has it' });
  expect([200, 201, 202], text).toContain(status);
}

async function releaseByHand(): Promise<void> {
  const at = new Date(teams.responder.now()).toISOString();
  teams.responder.simulator.update((tenant: Tenant) => {
    const asked = { requestor: 'lee.andersen@contoso.com', requestorComment: 'by hand', scope: null };
    const times = { creationDateTimeUtc: at, lastUpdateDateTimeUtc: at };
    const done = { id: 'by-hand', type: 'Unisolate', machineId: DEVICE, status: 'Succeeded' };
    tenant.machineActions.push({ ...done, ...asked, ...times });
    for (const machine of tenant.machines) if (machine.id === DEVICE) machine.isolated = false;
  });
}

const approve = () => decide('analysts', 'approve', 'Local analyst');
const undo = () => decide('analysts', 'undo', 'Robin Keller');
const bothLeads = async () => {
  await decide('leads', 'approve', 'Local analyst');
  await decide('leads', 'approve', 'Kim Larsen');
};
/** With this change, the leads also get a request to disable the user. */
const highRisk = ({ users }: Tenant) => {
  for (const user of users as { risk?: { riskLevel: string } }[])
    if (user.risk !== undefined) user.risk.riskLevel = 'high';
};
const CONTAIN = [
  ['onDeadline: do-nothing\n      moreTime', 'onDeadline: contain\n      containFor: 10m\n      moreTime'],
  [
    '    tier: analysts\n    why: >-\n      The account was active',
    '    tier: leads\n    why: >-\n      The account was active',
  ],
] as const;
interface End {
  readonly options?: ResponderOptions;
  /** By minutes after the start. */
  readonly deeds: readonly (readonly [number, () => Promise<void>])[];
  readonly outcome: Outcome;
  readonly card: RegExp;
  readonly step: RegExp;
  readonly isIsolated: boolean;
}

const ENDS: Readonly<Record<string, End>> = {
  'undone by hand': {
    deeds: [
      [5, approve],
      [30, undo],
      [60, look],
    ],
    outcome: 'undone',
    card: /Undone: .*All reversible steps were undone/,
    step: /was undone/,
    isIsolated: false,
  },
  'contained for a while, and undone by rule': {
    options: { playbook: CONTAIN },
    deeds: [[300, look]],
    outcome: 'contained',
    card: /Undone: .*Policy requires temporary containment.*The response was undone/,
    step: /was undone/,
    isIsolated: false,
  },
  'contained, and undone by hand before the rule was to': {
    options: { playbook: CONTAIN },
    deeds: [
      [245, undo],
      [300, look],
    ],
    outcome: 'undone',
    card: /Undone: .*Policy requires temporary containment.*The response was undone/,
    step: /was undone/,
    isIsolated: false,
  },
  'partly undone, while the other part may still be': {
    options: { change: highRisk },
    deeds: [
      [5, approve],
      [6, bothLeads],
      [30, undo],
      [60, look],
    ],
    outcome: 'partly-remediated',
    card: /Undone: .*Approved by Local analyst/,
    step: /was undone/,
    isIsolated: false,
  },
  'approved by one tier and rejected by the other': {
    options: { change: highRisk },
    deeds: [
      [5, approve],
      [6, () => decide('leads', 'reject', 'Kim Larsen')],
      [30, look],
    ],
    outcome: 'partly-remediated',
    card: /Done and proved, /,
    step: /confirmed/,
    isIsolated: true,
  },
  'ended by others': {
    deeds: [
      [5, approve],
      [30, releaseByHand],
      [90, look],
    ],
    outcome: 'partly-remediated',
    card: /Partly ended by others: /,
    step: /ended by others since/,
    isIsolated: false,
  },
  rejected: {
    deeds: [
      [5, () => decide('analysts', 'reject', 'Robin Keller')],
      [30, look],
    ],
    outcome: 'rejected',
    card: /Rejected: /,
    step: /rejected/,
    isIsolated: false,
  },
  expired: {
    deeds: [[300, look]],
    outcome: 'expired',
    card: /Expired without a decision: /,
    step: /not decided in time/,
    isIsolated: false,
  },
  'stopped mid way': {
    options: {
      introspection: {
        onActivity: ({ name }) =>
          name === 'processTimeouts' ? { kind: 'fail', message: 'broken' } : undefined,
      },
    },
    deeds: [[90, look]],
    outcome: 'needs-analyst',
    card: /Superseded: .*could not be handled further/,
    step: /not decided: the request was superseded/,
    isIsolated: false,
  },
};

async function look(): Promise<void> {
  await teams.responder.host.idle();
}

it.each(Object.entries(ENDS))('%s', async (_, { options, deeds, outcome, card, step, isIsolated }) => {
  teams = await TeamsResponder.start({ nobodyIsThere: true, ...options });
  const { responder } = teams;
  let instanceId = '';
  let seen: Screens | undefined;
  const last = deeds.length - 1;
  const goOn = responder.hold();
  const done = deeds.map(([at, deed], i) =>
    responder.at(at * MINUTE, async () => {
      await deed();
      if (i === last) seen = await screens(instanceId);
    }),
  );
  instanceId = await responder.deliver();
  goOn();
  await Promise.all(done);
  if (seen === undefined) throw new Error('nothing was checked');
  expect(seen.file.outcome).toBe(outcome);
  agree(seen);
  const cards = seen.cards.map(shown).filter((text) => /Tier analysts/.test(text));
  expect(cards).toHaveLength(1);
  expect(cards[0]).toMatch(card);
  for (const screen of [seen.page, seen.comment]) expect(step.exec(screen)?.[0]).toMatch(step);
  const machine = responder.tenant().machines.find(({ id }) => id === DEVICE);
  expect(machine?.isolated).toBe(isIsolated);
});
