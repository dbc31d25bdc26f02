/**
 * The Entra tenants whose incidents this app handles, each with its own clients. The tenant of an incident follows from the
 * incident's origin and the settings alone, at every use: no body, event or stored value names it.
 */
import { apis, type Clients } from '../actions/services.js';
import { type ConnectorConfig, createClients } from '../connectors/index.js';
import { ResponderError } from '../domain/errors.js';
import { type IncidentOrigin, keyOfOrigin } from '../domain/incident-origin.js';
import type { TenantId } from '../domain/tenant-id.js';
import { lowerCase } from '../domain/unicode-text.js';
import type { Playbook } from '../playbook/index.js';
import { clock } from './clock.js';
import { connectorConfigOf } from './connector-config.js';
import { readPlaybooks } from './read-playbooks.js';
import { type Refusal, type RefusalCause, type Refused, refusalFor, THE_INCIDENT } from './refusals.js';
import { services } from './services.js';
import type { TenantConfig, Workspace } from './tenant-config.js';

export interface Tenant extends Pick<TenantConfig, 'id' | 'name'> {
  readonly config: TenantConfig;
  /** With a transport, a credential and caches of their own: a tenant that is throttled does not slow another one. */
  readonly clients: Clients;
  readonly playbooks: readonly Playbook[];
}

let built: readonly Tenant[] | undefined;

/**
 * All tenants, at least one. Invalid settings or playbooks of any of them make every call throw, including the first one at
 * start-up.
 * @throws ResponderError `configuration`, `playbook-invalid`, and what createClients throws.
 */
export function tenants(): readonly Tenant[] {
  built ??= services().config.tenants.map(build);
  return built;
}

function build(config: TenantConfig): Tenant {
  const { catalogue, config: app } = services();
  const { id, name, workspaces, defenderIncidents } = config;
  if (workspaces.length === 0 && !defenderIncidents && !app.reachesNoTenant) throw workspaceMissing();
  const clients = createClients(apis, connectorConfig(config), { clock });
  const playbooks = readPlaybooks(config, app, catalogue);
  return { id, name, config, clients, playbooks };
}

/** The only tenant; undefined if there are several. */
export function soleTenant(): Tenant | undefined {
  const [tenant, ...others] = tenants();
  return others.length === 0 ? tenant : undefined;
}

/** The tenants that exist for who asks. @param tenantId the only one; undefined: all */
export function tenantsFor(tenantId: string | undefined): readonly Tenant[] {
  return tenants().filter(({ id }) => tenantId === undefined || id === tenantId);
}

/** The tenant with this id. */
export function tenantById(id: TenantId): Tenant | undefined {
  return tenants().find((tenant) => tenant.id === id);
}

/** The tenant that an incident belongs to; undefined if none is configured for it. */
export function tenantOf(origin: IncidentOrigin): Tenant | undefined {
  if (origin.kind === 'defender') return tenants().find(({ id }) => id === origin.tenantId);
  const key = keyOfOrigin(origin);
  return tenants().find((tenant) => takesAllWorkspaces(tenant) || workspaceOf(tenant, key) !== undefined);
}

/**
 * The tenant that an accepted incident belongs to.
 * @throws ResponderError `unknown-workspace`, `unknown-tenant`: the settings do not name it any more. Settings can be corrected
 * within minutes, so what is under way waits for that as for a service that is unavailable.
 */
export function requireTenant(origin: IncidentOrigin): Tenant {
  const tenant = tenantOf(origin);
  if (tenant !== undefined) return tenant;
  const { code, reason: message, next } = refuse(causeFor(origin), THE_INCIDENT);
  throw new ResponderError({ code, message, next, fault: 'caller', retry: 'later' });
}

/** The workspace of a tenant that an incident belongs to. @param key lower-cased ARM id of the incident. */
export function workspaceOf({ config }: Tenant, key: string): Workspace | undefined {
  const of = ({ id }: Workspace) => key.startsWith(`${lowerCase(id)}/providers/microsoft.securityinsights/`);
  return config.workspaces.find(of);
}

/** If no workspace is configured, as with a simulated tenant or a recording, every workspace is accepted; with a real tenant none is. */
function takesAllWorkspaces({ config: { workspaces } }: Tenant): boolean {
  return workspaces.length === 0 && services().config.reachesNoTenant && soleTenant() !== undefined;
}

/**
 * Why an incident is not handled here; undefined if it is.
 * @param forTenant the tenant that alone exists for who asks; undefined: all
 */
export function refusalOf(origin: IncidentOrigin, forTenant?: string): RefusalCause | undefined {
  const tenant = tenantOf(origin);
  const isKnown = tenant !== undefined && (forTenant === undefined || tenant.id === forTenant);
  return isKnown ? undefined : causeFor(origin);
}

/** The reason and the next step, in the words of the settings. */
export function refuse(cause: RefusalCause, refused: Refused): Refusal {
  return refusalFor(cause, refused, isDescribedAlone());
}

/** Whether the settings describe a single tenant, instead of TENANTS. */
const isDescribedAlone = (): boolean => tenants()[0]?.config.position === undefined;

function causeFor({ kind }: IncidentOrigin): RefusalCause {
  if (kind === 'sentinel') return 'other-workspace';
  if (!isDescribedAlone()) return 'other-tenant';
  return tenants()[0]?.id === undefined ? 'no-tenant-id' : 'not-the-tenant';
}

/** Without a list, the incidents of every workspace would be handled that someone can send here. */
function workspaceMissing(): ResponderError {
  return new ResponderError({
    code: 'configuration',
    message: 'No Sentinel workspace is configured.',
    fault: 'caller',
    retry: 'no',
    place: 'SENTINEL_WORKSPACES',
    next: 'Set SENTINEL_WORKSPACES to a JSON list with the ARM id of each workspace: [{"id": "/subscriptions/…"}], or DEFENDER_INCIDENTS to on.',
  });
}

/** How the connectors reach a tenant. */
export const connectorConfig = (tenant: TenantConfig): ConnectorConfig =>
  connectorConfigOf(tenant, services().config);
