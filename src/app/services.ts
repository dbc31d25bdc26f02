/** Builds the app's services once, on first use. */
import type { Enrichment, Response } from '../actions/define.js';
import { enrichments, responses } from '../actions/registry.generated.js';
import { apis, type Clients } from '../actions/services.js';
import { type ConnectorConfig, createClients } from '../connectors/index.js';
import type { EntityKind } from '../domain/entities.js';
import { ResponderError } from '../domain/errors.js';
import { type ActionCatalogue, catalogueOf, type Playbook } from '../playbook/index.js';
import { clock } from './clock.js';
import { type AppConfig, readConfig } from './config.js';
import { readPlaybooks } from './read-playbooks.js';

export interface Services {
  readonly config: AppConfig;
  readonly clients: Clients;
  readonly catalogue: ActionCatalogue;
  readonly playbooks: readonly Playbook[];
  /** The key for the form tokens of the pages. */
  readonly formSecret: string;
}

let built: Services | undefined;

/**
 * The app's services. Invalid settings or playbooks make every call throw, including the first one at start-up.
 * @throws ResponderError `configuration`, `playbook-invalid`, and what createClients throws.
 */
export function services(): Services {
  built ??= build(readConfig());
  return built;
}

function build(config: AppConfig): Services {
  const [formSecret] = config.signingKeys;
  if (formSecret === undefined) throw keyMissing();
  const hasSource = config.workspaces.length > 0 || config.defenderIncidents;
  if (!hasSource && isRealTenant(config)) throw workspaceMissing();
  const catalogue = catalogueOf([...enrichments.filter(isAboutEntity), ...responses.filter(isAboutEntity)]);
  return {
    config,
    catalogue,
    clients: createClients(apis, connectorConfig(config), { clock }),
    playbooks: readPlaybooks(config, catalogue),
    formSecret,
  };
}

/** Without a key, entities reject all messages of orchestrations, so incidents would be handled without a visible case file. */
function keyMissing(): ResponderError {
  return new ResponderError({
    code: 'configuration',
    message: 'No key is configured for sealing case files and signing decisions.',
    fault: 'caller',
    retry: 'no',
    place: 'APPROVALS_SIGNING_KEYS',
    next: 'Set APPROVALS_SIGNING_KEYS to a random secret of at least 32 characters.',
  });
}

export function isRealTenant({ simulatedTenantUrl, recordedExchanges }: AppConfig): boolean {
  return simulatedTenantUrl === undefined && recordedExchanges === undefined;
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

type AboutEntity<A> = A extends Enrichment
  ? Enrichment<unknown, unknown, EntityKind>
  : Response<unknown, unknown, EntityKind>;

/** Whether playbooks can use the action. Only the orchestration uses actions on the incident itself. */
function isAboutEntity<A extends Enrichment | Response>(action: A): action is A & AboutEntity<A> {
  return action.entity !== 'incident';
}

export function connectorConfig(config: AppConfig): ConnectorConfig {
  const { tenantId, clientId, clientSecret, simulatedTenantUrl, recordedExchanges, recordExchangesTo } =
    config;
  const given = {
    tenantId,
    clientId,
    clientSecret,
    simulatedTenantUrl,
    recordedExchanges,
    recordExchangesTo,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
