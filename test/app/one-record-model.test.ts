/** Incidents with any mixture of the identifiers of two machines and two users, handled without approval. */
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { atRisk, BRANCH, DANA, entity, eventOf, incidentAbout, LEE, nameOf, WS } from './one-record.js';
import { changedPlaybook } from './playbook.js';
import { Responder } from './responder.js';

const HOSTS = [WS, BRANCH].map(({ id, computerDnsName, aadDeviceId }) => ({
  MdatpDeviceId: id,
  FQDN: computerDnsName,
  AadDeviceId: String(aadDeviceId),
}));
const ACCOUNTS = [DANA, LEE].map(({ id }, i) => ({
  aadUserId: id,
  UserPrincipalName: i === 0 ? 'dana.ortiz@contoso.com' : 'lee.andersen@contoso.com',
  sid: `S-1-5-21-1000000001-1000000002-1000000003-114${2 + i}`,
}));
type Ids = Readonly<Record<string, string>>;
interface Mixture {
  readonly properties: Record<string, string>;
  readonly of: ReadonlySet<number>;
}
const mixture = (two: readonly Ids[]): fc.Arbitrary<Mixture> => {
  const names = Object.keys(two[0] ?? {});
  const choice = fc.constantFrom(0, 0, 1, undefined);
  return fc
    .tuple(...names.map(() => choice))
    .filter((choices) => choices.some((one) => one !== undefined))
    .map((choices) => {
      const chosen = choices.flatMap((one, i) => (one === undefined ? [] : [[names[i] ?? '', one] as const]));
      return {
        of: new Set(chosen.map(([, one]) => one)),
        properties: Object.fromEntries(chosen.map(([name, one]) => [name, two[one]?.[name] ?? ''])),
      };
    });
};
const COUNT = 12;
const NUMBERS = Array.from({ length: COUNT }, (_, i) => 3001 + i);
const RECORDS = {
  host: [WS, BRANCH].map(({ id, computerDnsName }) => ({ id, name: computerDnsName })),
  account: ACCOUNTS.map(({ aadUserId, UserPrincipalName }) => ({ id: aadUserId, name: UserPrincipalName })),
};

it('acts only on the record that it shows, and only where every identifier is its own', async () => {
  const incidents = fc.sample(fc.record({ host: mixture(HOSTS), account: mixture(ACCOUNTS) }), COUNT);
  const auto = 'tier: auto\n    unattended: true';
  const settings = changedPlaybook([
    ['tier: analysts\n    why: >-\n      The workstation', `${auto}\n    why: >-\n      The workstation`],
    ['tier: analysts\n    why: >-\n      The account', `${auto}\n    why: >-\n      The account`],
  ]);
  const responder = await Responder.start({
    nobodyIsThere: true,
    settings,
    change: (tenant) => {
      atRisk(tenant);
      incidents.forEach(({ host, account }, i) => {
        incidentAbout(tenant, NUMBERS[i] ?? 0, [
          entity('Host', { additionalData: host.properties }),
          entity('Account', { sid: account.properties.sid, additionalData: account.properties }),
        ]);
      });
    },
  });
  onTestFinished(() => responder.stop());
  const ids = await Promise.all(NUMBERS.map((number) => responder.deliver(eventOf(number))));
  for (const [i, id] of ids.entries()) {
    const file = await responder.ended(id);
    const comment = commentOn(responder, NUMBERS[i] ?? 0);
    for (const kind of ['host', 'account'] as const) {
      holds(file, comment, kind, incidents[i]?.[kind] ?? { of: new Set(), properties: {} });
    }
  }
}, 240_000);

function holds(file: CaseFile, comment: string, kind: 'host' | 'account', { of }: Mixture): void {
  const steps = file.plan?.steps.filter(({ entityKey }) => entityKey.startsWith(kind)) ?? [];
  const effects = file.effects.filter(({ stepId }) => steps.some(({ id }) => id === stepId));
  const [only] = of;
  const record = of.size === 1 && only !== undefined ? RECORDS[kind][only] : undefined;
  if (record === undefined) {
    expect([steps, effects]).toEqual([[], []]);
    expect(file.plan?.refused.map(({ code }) => code)).toContain('identifiers-disagree');
    return;
  }
  expect(steps).toHaveLength(1);
  const words = `${record.name} (${record.id})`;
  for (const { target } of [...steps, ...effects]) expect(target.startsWith(words)).toBe(true);
  for (const { record: shown, input } of steps) {
    expect(shown).toMatchObject(record);
    expect(Object.values(input)).toContain(record.id);
  }
  expect(effects.map(({ proof }) => proof)).toEqual([expect.stringContaining(words)]);
  expect(comment).toContain(words);
}

function commentOn(responder: Responder, number: number): string {
  const comments = responder.tenant().comments as { incident?: string; properties: { message: string } }[];
  return comments.find(({ incident }) => incident === nameOf(number))?.properties.message ?? '';
}
