/** Columns of the tables SecurityIncident and SecurityAlert in the names of the REST API. */
import { sizeOf } from '../decode/size.js';
import { fieldOf, isObject, type Json, listOf, textOf, textsOf } from '../text.js';

/** Most columns are plain text, for which `JSON.parse` would throw; that takes longer than to read them. */
const JSON_START = /^\s*[[{"\dtfn-]/;

/** A dynamic column: an export writes its JSON as text. Undefined: empty, no JSON, or nested too deeply. */
export function dynamic(row: Json, column: string): unknown {
  const value = fieldOf(row, column);
  if (typeof value === 'string' && !JSON_START.test(value)) return undefined;
  if (typeof value !== 'string') return isObject(value) || Array.isArray(value) ? value : undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return sizeOf(parsed, Number.POSITIVE_INFINITY) === 'fits' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** A list in a column: JSON, or text with commas. "Unknown" means that there is none. */
export function listIn(row: Json, column: string): string[] {
  const parsed = dynamic(row, column);
  const texts = Array.isArray(parsed)
    ? textsOf(parsed)
    : (textOf(fieldOf(row, column)) ?? '').split(',').map((text) => text.trim());
  return texts.filter((text) => text !== '' && text.toLowerCase() !== 'unknown' && !/^[[{]/.test(text));
}

/** https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityincident */
export function incidentProperties(row: Json): Json {
  return {
    ...row,
    title: row.Title,
    firstActivityTimeUtc: row.FirstActivityTime,
    lastActivityTimeUtc: row.LastActivityTime,
    lastModifiedTimeUtc: row.LastModifiedTime ?? row.TimeGenerated,
    createdTimeUtc: row.CreatedTime,
    closedTimeUtc: row.ClosedTime,
    owner: dynamic(row, 'Owner'),
    labels: listOf(dynamic(row, 'Labels')),
    relatedAnalyticRuleIds: listIn(row, 'RelatedAnalyticRuleIds'),
    additionalData: dynamic(row, 'AdditionalData'),
    providerName: row.ProviderName,
    providerIncidentId: row.ProviderIncidentId,
  };
}
