/** What Sentinel and Defender have of one incident: a copy each, of which one may appear late, grow, be lost, or be merged away. */
import { expect } from 'vitest';
import { EVENT, ID, type Missing, type Schedule, TARGET } from './aliases-schedule.js';
import { addDefenderIncident, alertOf, defender, type SecurityIncident } from './defender-incidents.js';
import { mayReadAlerts } from './lone-alerts.js';
import { atRisk, BRANCH, DANA, WS } from './one-record.js';
import type { Responder, Tenant } from './responder.js';
import { deleteInDefender, deleteInSentinel, merge } from './two-services.js';

const ISOLATE = `defender.isolate-device defender.machine:${WS.id}`;
const ISOLATE_OF_TARGET = `defender.isolate-device defender.machine:${BRANCH.id}`;
const REVOKE = `entra.revoke-sessions entra.user:${DANA.id}`;

const device = (id: string) => ({
  '@odata.type': '#microsoft.graph.security.deviceEvidence',
  mdeDeviceId: id,
});
const DANA_EVIDENCE = {
  '@odata.type': '#microsoft.graph.security.userEvidence',
  userAccount: { azureAdUserId: DANA.id, userPrincipalName: 'dana.ortiz@contoso.com' },
};
const DANA_ENTITY = {
  kind: 'Account',
  name: '00000000-0000-4000-8000-000000320001',
  properties: { accountName: 'dana.ortiz', upnSuffix: 'contoso.com', aadUserId: DANA.id },
};

export type Service = 'sentinel' | 'defender';

export class Copies {
  #isMissing: boolean;
  #isMerged = false;
  #hasGrown = false;
  /** When a service lost its copy. */
  readonly #lost = { sentinel: Infinity, defender: Infinity };
  /** Copies that have not appeared yet. */
  #kept: { sentinel?: Tenant['incidents'][number]; defender?: SecurityIncident } = {};

  constructor(
    readonly missing: Missing,
    private readonly isSwept: Schedule['isSwept'],
  ) {
    this.#isMissing = missing !== 'nothing';
  }

  /** The tenant at the start. */
  prepare(tenant: Tenant): void {
    atRisk(tenant);
    mayReadAlerts(tenant);
    const incident = tenant.incidents[0] ?? expect.unreachable();
    tenant.incidents = [incident];
    incident.entities = incident.entities.filter(({ kind }) => kind === 'Host');
    addDefenderIncident(tenant, ID, { alerts: [alertOf(ID, 1, [device(WS.id)])] });
    addDefenderIncident(tenant, TARGET, { alerts: [alertOf(TARGET, 1, [device(BRANCH.id)])] });
    if (!this.isSwept) incident.properties.lastModifiedTimeUtc = '2026-03-01T08:00:00Z';
    const { securityIncidents } = defender(tenant);
    if (this.missing === 'link') incident.properties.providerName = 'Azure Sentinel';
    if (this.missing === 'sentinel') this.#kept.sentinel = tenant.incidents.pop() ?? expect.unreachable();
    if (this.missing === 'defender') this.#kept.defender = securityIncidents.shift() ?? expect.unreachable();
  }

  get isMerged(): boolean {
    return this.#isMerged;
  }

  /** Sentinel does not say yet that Defender has the incident: they are two. */
  get isUnlinked(): boolean {
    return this.missing === 'link' && this.#isMissing;
  }

  /** Whether a service returns it. */
  has(service: Service): boolean {
    return this.#lost[service] === Infinity && this.#kept[service] === undefined;
  }

  /** Sentinel returned it for ten minutes from then on, and so it was read. */
  wasRead(from: number, now: number): boolean {
    return this.missing !== 'sentinel' && this.#lost.sentinel > from + 10 && from + 10 < now;
  }

  get isOpen(): boolean {
    return !this.#isMerged && (this.has('sentinel') || this.has('defender'));
  }

  /** Keys of the actions that the last version calls for, those of the target of its merge included. */
  get called(): string[] {
    if (!this.isOpen && !this.#isMerged) return [];
    return [ISOLATE, ...(this.#hasGrown ? [REVOKE] : []), ...(this.#isMerged ? [ISOLATE_OF_TARGET] : [])];
  }

  appear({ simulator }: Responder): void {
    if (!this.#isMissing) return;
    this.#isMissing = false;
    const { sentinel, defender: late } = this.#kept;
    this.#kept = {};
    simulator.update((tenant: Tenant) => {
      if (sentinel !== undefined) tenant.incidents.push(sentinel);
      if (late !== undefined) defender(tenant).securityIncidents.push(late);
      for (const { properties } of tenant.incidents) properties.providerName = 'Microsoft XDR';
      if (this.#hasGrown) addDana(tenant);
    });
  }

  grow({ simulator }: Responder): void {
    if (this.#isMerged || this.#hasGrown) return;
    this.#hasGrown = true;
    simulator.update(addDana);
  }

  lose(responder: Responder, service: Service, now: number): void {
    if (this.#isMerged || !this.has(service)) return;
    this.#lost[service] = now;
    if (service === 'sentinel') deleteInSentinel(responder, EVENT);
    else deleteInDefender(responder, ID);
  }

  /** Its alerts move to the target. Only an incident that both services have is merged. */
  merge(responder: Responder): void {
    if (this.#isMissing || this.#isMerged || !this.has('sentinel') || !this.has('defender')) return;
    this.#isMerged = true;
    merge(responder, EVENT, ID, TARGET);
    responder.simulator.update((tenant: Tenant) => {
      const target = defender(tenant).securityIncidents.find(({ id }) => id === TARGET);
      target?.alerts.push(alertOf(TARGET, 2, [device(WS.id), ...(this.#hasGrown ? [DANA_EVIDENCE] : [])]));
    });
  }
}

function addDana(tenant: Tenant): void {
  for (const { entities } of tenant.incidents) {
    if (!entities.some(({ name }) => name === DANA_ENTITY.name)) entities.push(DANA_ENTITY);
  }
  const incident = defender(tenant).securityIncidents.find(({ id }) => id === ID);
  if (incident?.alerts.length === 1) incident.alerts.push(alertOf(ID, 2, [DANA_EVIDENCE]));
}
