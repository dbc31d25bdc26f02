import type { Alert } from '../domain/incident.js';
import { lowerCase } from '../domain/unicode-text.js';
import { omitUndefined } from './entities/omit-undefined.js';
import { alertStatusOf, severityOf } from './enums.js';
import { inStableOrder } from './stable-order.js';
import { fieldOf, lowerOf, textOf, textsOf } from './text.js';
import { utcTime } from './time.js';
import { fingerprint, rawOf, referenceOf, type Warning } from './warnings.js';
import { type Resource, resourceSchema } from './wire.js';

/** The alerts of an incident in the form of the REST API, without duplicates, sorted by key. */
export function normaliseAlerts(list: readonly unknown[], warnings: Warning[]): Alert[] {
  const byKey = new Map<string, Alert>();
  for (const item of inStableOrder(list)) {
    const parsed = resourceSchema.safeParse(item);
    if (!parsed.success) {
      warnings.push({ path: 'alerts', code: 'not-an-alert' });
      continue;
    }
    const { properties } = parsed.data;
    const of = (key: string) => fieldOf(properties, key);
    const systemAlertId = textOf(of('systemAlertId'));
    const named = nameOf(parsed.data);
    const path = `alerts/${referenceOf(parsed.data)}`;
    if (named === undefined) warnings.push({ path, code: 'unnamed-alert' });
    const severity = severityOf(of('severity'));
    if (severity === 'unknown' && textOf(of('severity')) !== undefined) {
      warnings.push({ path: `${path}/severity`, code: 'unknown-value', ...rawOf(of('severity')) });
    }
    const key = alertKeyOf(parsed.data);
    if (byKey.has(key)) continue;
    byKey.set(key, {
      key,
      title: textOf(of('alertDisplayName')) ?? textOf(of('friendlyName')) ?? '(no title)',
      severity,
      tactics: textsOf(of('tactics')),
      techniques: textsOf(of('techniques')),
      ...omitUndefined({
        systemAlertId,
        providerAlertId: textOf(of('providerAlertId')),
        status: alertStatusOf(of('status')),
        product: textOf(of('productName')),
        ruleId: ruleIdOf(of('alertType')),
        startedAt: utcTime(of('startTimeUtc')),
        endedAt: utcTime(of('endTimeUtc')),
      }),
    });
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The key of an alert in the form of the REST API. */
export const alertKeyOf = (alert: NamedAlert): string =>
  lowerCase(nameOf(alert) ?? fingerprint(alert.properties));

interface NamedAlert {
  readonly name?: string | null | undefined;
  readonly properties?: Resource['properties'];
}

const nameOf = ({ name, properties }: NamedAlert) =>
  textOf(fieldOf(properties, 'systemAlertId')) ?? textOf(name);

/** Scheduled rules name their alerts `{workspace}_{rule}`. */
function ruleIdOf(value: unknown): string | undefined {
  return /^[0-9a-f-]{36}_([0-9a-f-]{36})$/.exec(lowerOf(value) ?? '')?.[1];
}
