import { ResponderError } from '../domain/errors.js';
import type { Alert, Incident, Severity } from '../domain/incident.js';
import { lowerCase } from '../domain/unicode-text.js';
import { normaliseEntities } from './entities/index.js';
import { omitUndefined } from './entities/omit-undefined.js';
import { type IncidentId, parseIncidentId } from './incident-id.js';
import { involvedOf } from './involved.js';
import { fieldOf, listOf, lowerOf, textOf, textsOf } from './text.js';
import { utcTime } from './time.js';
import { canonicalJson, fingerprint, referenceOf, type Warning } from './warnings.js';
import { type IncidentResource, resourceSchema } from './wire.js';

export interface IncidentParts {
  readonly incident: IncidentResource;
  /** `value` of the alerts response. */
  readonly alerts: readonly unknown[];
  /** `entities` of the entities response. */
  readonly entities: readonly unknown[];
}

/**
 * Normalises an incident from the responses of Sentinel's REST API. Invalid values become warnings, unknown enum values
 * become `unknown`; only an invalid id is an error.
 * @throws ResponderError `bad-incident-id` if the id is not the ARM id of an incident.
 */
export function normaliseIncident({ incident, alerts, entities }: IncidentParts): Incident {
  const id = parseIncidentId(incident.id);
  if (id === undefined) {
    throw new ResponderError({
      code: 'bad-incident-id',
      message: 'Sentinel returned an incident whose id is not the ARM id of an incident.',
      fault: 'service',
      retry: 'no',
    });
  }
  const warnings: Warning[] = [];
  const of = (key: string) => fieldOf(incident.properties, key);
  const more = (key: string) => fieldOf(of('additionalData'), key);
  const normalised = normaliseEntities(entities);
  const alertList = normaliseAlerts(alerts, warnings);
  const labels = listOf(of('labels')).flatMap(labelOf);
  const severity = severityOf(of('severity'));
  const status = statusOf(of('status'), labels, alertList.length, more('alertsCount'));
  if (severity === 'unknown') warnings.push({ path: 'properties.severity', code: 'unknown-value' });
  if (status === 'unknown') warnings.push({ path: 'properties.status', code: 'unknown-value' });
  const products = textsOf(more('alertProductNames'));
  return {
    key: id.key,
    armId: id.armId,
    workspace: {
      subscriptionId: id.subscriptionId,
      resourceGroup: id.resourceGroup,
      name: id.workspace,
      ...omitUndefined({ customerId: customerIdOf(id, alerts) }),
    },
    title: textOf(of('title')) ?? '(no title)',
    description: textOf(of('description')) ?? '',
    severity,
    status,
    provider: providerOf(of('providerName')),
    labels,
    tactics: textsOf(more('tactics')),
    techniques: textsOf(more('techniques')),
    ruleIds: textsOf(of('relatedAnalyticRuleIds')).flatMap((rule) => lowerCase(rule).split('/').at(-1) || []),
    products: products.length > 0 ? products : unique(alertList.flatMap((alert) => alert.product ?? [])),
    alerts: alertList,
    entities: normalised.entities,
    involved: involvedOf(entities, alerts, normalised.entities),
    warnings: uniqueSorted([...warnings, ...normalised.warnings]),
    ...omitUndefined({
      number: textOf(of('incidentNumber')),
      owner: ownerOf(of('owner')),
      url: textOf(of('incidentUrl')) ?? textOf(more('providerIncidentUrl')),
      createdAt: utcTime(of('createdTimeUtc')),
      modifiedAt: utcTime(of('lastModifiedTimeUtc')),
      etag: textOf(incident.etag),
    }),
  };
}

function normaliseAlerts(list: readonly unknown[], warnings: Warning[]): Alert[] {
  const byKey = new Map<string, Alert>();
  const sorted = [...list].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  for (const item of sorted) {
    const parsed = resourceSchema.safeParse(item);
    if (!parsed.success) {
      warnings.push({ path: 'alerts', code: 'not-an-alert' });
      continue;
    }
    const { properties } = parsed.data;
    const of = (key: string) => fieldOf(properties, key);
    const systemAlertId = textOf(of('systemAlertId'));
    const named = systemAlertId ?? textOf(parsed.data.name);
    if (named === undefined)
      warnings.push({ path: `alerts/${referenceOf(parsed.data)}`, code: 'unnamed-alert' });
    const key = lowerCase(named ?? fingerprint(properties));
    if (byKey.has(key)) continue;
    byKey.set(key, {
      key,
      title: textOf(of('alertDisplayName')) ?? textOf(of('friendlyName')) ?? '(no title)',
      severity: severityOf(of('severity')),
      tactics: textsOf(of('tactics')),
      techniques: textsOf(of('techniques')),
      ...omitUndefined({
        systemAlertId,
        product: textOf(of('productName')),
        ruleId: ruleIdOf(of('alertType')),
        startedAt: utcTime(of('startTimeUtc')),
        endedAt: utcTime(of('endTimeUtc')),
      }),
    });
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

const SEVERITIES: readonly string[] = ['high', 'medium', 'low', 'informational'];
function severityOf(value: unknown): Severity {
  const severity = lowerOf(value) ?? '';
  return SEVERITIES.includes(severity) ? (severity as Severity) : 'unknown';
}

/** When Defender merges an incident into another, it closes it, labels it and moves its alerts. */
function statusOf(
  value: unknown,
  labels: Incident['labels'],
  alerts: number,
  alertsCount: unknown,
): Incident['status'] {
  const status = lowerOf(value);
  const redirected = labels.some((label) => lowerCase(label.name) === 'redirected');
  const empty = alerts === 0 && (textOf(alertsCount) ?? '0') === '0';
  if (status === 'closed') return redirected && empty ? 'merged' : 'closed';
  return status === 'new' || status === 'active' ? status : 'unknown';
}

function providerOf(value: unknown): Incident['provider'] {
  const name = lowerOf(value);
  if (name === 'azure sentinel' || name === 'microsoft sentinel') return 'sentinel';
  return name === 'microsoft xdr' || name === 'microsoft 365 defender' ? 'xdr' : 'other';
}

function ownerOf(value: unknown): Incident['owner'] {
  const owner = omitUndefined({
    objectId: lowerOf(fieldOf(value, 'objectId')),
    upn: lowerOf(fieldOf(value, 'userPrincipalName')) ?? lowerOf(fieldOf(value, 'email')),
    name: textOf(fieldOf(value, 'assignedTo')),
  });
  return Object.keys(owner).length === 0 ? undefined : owner;
}

function labelOf(value: unknown): Incident['labels'] {
  const name = textOf(fieldOf(value, 'labelName'));
  if (name === undefined) return [];
  return [{ name, auto: lowerOf(fieldOf(value, 'labelType')) === 'autoassigned' }];
}

/** Scheduled rules name their alerts `{workspace}_{rule}`. */
function ruleIdOf(value: unknown): string | undefined {
  return /^[0-9a-f-]{36}_([0-9a-f-]{36})$/.exec(lowerOf(value) ?? '')?.[1];
}

/** The incident does not contain the customer id of its workspace, but alerts of the same resource group do. */
function customerIdOf(incident: IncidentId, alerts: readonly unknown[]): string | undefined {
  const isHere = (item: unknown) =>
    lowerOf(fieldOf(item, 'type')) === 'loganalytics' &&
    lowerOf(fieldOf(item, 'subscriptionId')) === lowerCase(incident.subscriptionId) &&
    lowerOf(fieldOf(item, 'resourceGroup')) === lowerCase(incident.resourceGroup);
  const ids = alerts
    .flatMap((alert) => listOf(fieldOf(fieldOf(alert, 'properties'), 'resourceIdentifiers')))
    .filter(isHere)
    .flatMap((item) => lowerOf(fieldOf(item, 'workspaceId')) ?? []);
  const [only, another] = unique(ids);
  return another === undefined ? only : undefined;
}

const unique = (texts: readonly string[]) => [...new Set(texts)].sort();

function uniqueSorted(warnings: readonly Warning[]): Warning[] {
  const byText = new Map(warnings.map((warning) => [canonicalJson(warning), warning]));
  return [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? []);
}
