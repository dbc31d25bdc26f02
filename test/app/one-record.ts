/** Two machines and two users of the fixture's tenant, and incidents about them. */
import { type Responder, readEvent, readTenant, type Tenant } from './responder.js';

const tenant = readTenant();
const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index];
  if (found === undefined) throw new Error('the fixture has it');
  return found;
};
export const [WS, BRANCH] = [at(tenant.machines, 0), at(tenant.machines, 1)];
export const [DANA, LEE] = [at(tenant.users, 0), at(tenant.users, 1)];
type EntityOfTenant = Tenant['incidents'][number]['entities'][number];
let names = 0;
export function entity(kind: string, properties: Record<string, unknown>): EntityOfTenant {
  names += 1;
  return { kind, name: `00000000-0000-4000-8000-0000000f${String(1000 + names)}`, properties };
}

/** Both machines and both users are at risk, so only the identifiers determine the target. */
export function atRisk({ machines, users }: Tenant): void {
  for (const machine of machines.slice(0, 2)) {
    Object.assign(machine, { riskScore: 'High', osPlatform: 'Windows11', onboardingStatus: 'Onboarded' });
  }
  const risk = { riskLevel: 'medium', riskState: 'atRisk', riskLastUpdatedDateTime: '2026-03-10T08:01:40Z' };
  for (const user of users.slice(0, 2)) Object.assign(user, { risk });
  Object.assign(at(users, 1), {
    onPremisesSecurityIdentifier: 'S-1-5-21-1000000001-1000000002-1000000003-1143',
    mail: 'l.andersen@contoso.com',
  });
}

/** A copy of the fixture's incident with a different number and different entities. */
export function incidentAbout(state: Tenant, number: number, entities: readonly EntityOfTenant[]): void {
  const first = at(state.incidents, 0);
  const copy = { ...structuredClone(first), name: nameOf(number), entities: [...entities] };
  Object.assign(copy.properties, { incidentNumber: number, providerIncidentId: String(number) });
  state.incidents.push(copy);
}

export const nameOf = (number: number) => `00000000-0000-4000-8000-00000000${number}`;
export const eventOf = (number: number): unknown =>
  JSON.parse(JSON.stringify(readEvent()).replaceAll(nameOf(2001), nameOf(number)));

/** The cookie of an analyst on the page. */
export async function signedIn(responder: Responder): Promise<string> {
  const body = new URLSearchParams({ token: responder.linkToken });
  const answer = await responder.fetch('/sign-in', {
    method: 'POST',
    body,
    headers: { origin: responder.host.url, 'content-type': 'application/x-www-form-urlencoded' },
  });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
