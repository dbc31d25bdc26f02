/** One incident in normalised form from whatever shape it was read. */
import { hash } from 'node:crypto';
import type { Completeness, Incident, NormalisedIncident } from '../domain/incident.js';
import { lowerCase } from '../domain/unicode-text.js';
import { normaliseAlerts } from './alerts.js';
import { isDefender } from './aliases.js';
import { normaliseEntities } from './entities/index.js';
import { omitUndefined } from './entities/omit-undefined.js';
import { providerOf, severityOf, statusOf } from './enums.js';
import type { IncidentId } from './incident-id.js';
import { involvedOf } from './involved.js';
import type { Reading } from './reading.js';
import { suspicionsOf } from './suspicion.js';
import { fieldOf, listOf, lowerOf, textOf, textsOf } from './text.js';
import { ticksOf, utcTime } from './time.js';
import { canonicalJson, rawOf, type Warning } from './warnings.js';

/** Invalid values become warnings, unknown enum values become `unknown`, and null is an empty list. Never throws. */
export function normaliseReading(reading: Reading): NormalisedIncident {
  const { properties } = reading;
  const warnings: Warning[] = [...reading.warnings];
  const of = (key: string) => fieldOf(properties, key);
  const more = (key: string) => fieldOf(of('additionalData'), key);
  const [alerts, entities] = [reading.alerts ?? [], reading.entities ?? []];
  const normalised = normaliseEntities(entities);
  const alertList = normaliseAlerts(alerts, warnings);
  const labels = listOf(of('labels')).flatMap(labelOf);
  const severity = severityOf(of('severity'));
  const status =
    reading.mergedInto === undefined
      ? statusOf(of('status'), labels, alertList.length, more('alertsCount'))
      : 'merged';
  const unknown = { path: 'properties.', code: 'unknown-value' };
  if (severity === 'unknown') {
    warnings.push({ ...unknown, path: 'properties.severity', ...rawOf(of('severity')) });
  }
  if (status === 'unknown') warnings.push({ ...unknown, path: 'properties.status', ...rawOf(of('status')) });
  const products = textsOf(more('alertProductNames'));
  const modifiedTicks = ticksOf(of('lastModifiedTimeUtc'));
  const etag = textOf(reading.etag);
  const counts = omitUndefined({
    alerts: countOf(more('alertsCount')),
    comments: countOf(more('commentsCount')),
  });
  const content = {
    key: reading.armId?.key ?? reading.key,
    source: reading.source,
    aliases: [...new Set(reading.aliases)].sort(),
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
    counts,
    completeness: {
      alerts: reading.isPartial ? 'partial' : completenessOf(reading.alerts, alertList.length, counts.alerts),
      entities: completenessOf(reading.entities, normalised.entities.length, undefined),
    },
    alerts: alertList,
    entities: normalised.entities,
    involved: involvedOf(entities, alerts, normalised.entities, normalised.accounts),
    warnings: uniqueSorted([...warnings, ...normalised.warnings]),
    ...omitUndefined({
      number: textOf(of('incidentNumber')),
      owner: ownerOf(of('owner')),
      url: textOf(of('incidentUrl')) ?? textOf(more('providerIncidentUrl')),
      createdAt: utcTime(of('createdTimeUtc')),
      closedAt: utcTime(of('closedTimeUtc')),
      firstActivityAt: utcTime(of('firstActivityTimeUtc')),
      lastActivityAt: utcTime(of('lastActivityTimeUtc')),
      classification: textOf(of('classification')),
      classificationReason: textOf(of('classificationReason')),
      providerIncidentId: isDefender(of('providerName')) ? textOf(of('providerIncidentId')) : undefined,
      mergedInto: reading.mergedInto || undefined,
    }),
  };
  const suspicion = suspicionsOf(normalised.keys, alertList, reading.namedBy);
  const contentHash = hash('sha256', canonicalJson(content));
  return {
    ...content,
    ...(Object.keys(suspicion).length === 0 ? {} : { suspicion }),
    ...(reading.armId && workspaceOf(reading.armId, alerts, reading.workspaceId)),
    ...omitUndefined({ modifiedAt: utcTime(of('lastModifiedTimeUtc')), etag }),
    version: { ...omitUndefined({ modifiedTicks, etag: etag?.replaceAll('"', '') }), contentHash },
  };
}

/** The ARM id of an incident with its parts. */
export function workspaceOf(armId: IncidentId, alerts: readonly unknown[], workspaceId: unknown) {
  const workspace = {
    subscriptionId: armId.subscriptionId,
    resourceGroup: armId.resourceGroup,
    name: armId.workspace,
    ...omitUndefined({ customerId: lowerOf(workspaceId) ?? customerIdOf(armId, alerts) }),
  };
  return { armId: armId.armId, workspace };
}

function completenessOf(
  list: readonly unknown[] | undefined,
  known: number,
  count: number | undefined,
): Completeness {
  if (count === 0 && known === 0) return 'full';
  if (list === undefined || known === 0) return 'none';
  return count !== undefined && known < count ? 'partial' : 'full';
}

function countOf(value: unknown): number | undefined {
  const count = Number(textOf(value) ?? Number.NaN);
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
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
