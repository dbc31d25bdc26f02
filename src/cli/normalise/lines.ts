/** An incident as a short table. Its texts are hostile. Pure. */
import { clip } from '../../domain/clip.js';
import type { Entity } from '../../domain/entities.js';
import type { NormalisedIncident } from '../../domain/incident.js';
import { visible } from '../../domain/visible.js';
import type { Normalised } from '../../intake/index.js';
import { count } from '../../views/index.js';
import type { Paint } from '../terminal.js';

const MOST_ROWS = 40;
const LONGEST = 240;

type Incident = Extract<Normalised, { kind: 'incident' }>;

export function incidentLines(place: string, { shape, incident }: Incident, paint: Paint): string[] {
  const { title, severity, status, alerts, entities, completeness, suspicion, warnings } = incident;
  return [
    `${place}: ${paint('bold', shown(title))} (${severity}, ${status})`,
    ...rows([
      ['form', shape],
      ['key', incident.key],
      ['aliases', incident.aliases.join(', ')],
      ['number', incident.number],
      ['merged into', incident.mergedInto],
      ['created', incident.createdAt],
      ['modified', incident.modifiedAt],
      ['closed', incident.closedAt],
      ['activity', [incident.firstActivityAt, incident.lastActivityAt].filter(Boolean).join(' to ')],
      ['owner', incident.owner?.upn ?? incident.owner?.name ?? incident.owner?.objectId],
      ['labels', incident.labels.map(({ name }) => name).join(', ')],
      ['tactics', incident.tactics.join(', ')],
      ['techniques', incident.techniques.join(', ')],
      ['products', incident.products.join(', ')],
      ['alerts', `${countOf(incident)} (${completeness.alerts})`],
    ]),
    ...limited(
      alerts.map(
        (alert) => `    ${shown(alert.title)} (${alert.severity}${alert.status ? `, ${alert.status}` : ''})`,
      ),
    ),
    ...rows([['entities', `${entities.length} (${completeness.entities})`]]),
    ...entityLines(entities, suspicion),
    ...rows([['warnings', warnings.length === 0 ? undefined : count(warnings.length, 'warning')]]),
    ...limited(
      warnings.map(
        ({ path, code, value }) =>
          `    ${shown(`${path} ${code}${value === undefined ? '' : `: ${value}`}`.trim())}`,
      ),
    ),
  ];
}

/** As many as the source counts, if it delivered fewer. */
const countOf = ({ alerts, counts }: NormalisedIncident) =>
  counts.alerts === undefined || counts.alerts === alerts.length
    ? alerts.length
    : `${alerts.length} of ${counts.alerts}`;

export function entityLines(
  entities: readonly Entity[],
  suspicion: NormalisedIncident['suspicion'] = {},
): string[] {
  return limited(
    entities.map((entity) => {
      const kind = entity.kind === 'other' ? `other: ${shown(entity.originalKind)}` : entity.kind;
      const { alerts, remediation } = suspicion[entity.key] ?? {};
      const more = [
        entity.identity === 'weak' ? 'weak' : undefined,
        entity.verdict,
        remediation === 'done' ? 'remediated' : undefined,
        alerts === undefined ? undefined : count(sumOf(alerts), 'alert'),
      ]
        .filter(Boolean)
        .join(', ');
      return `    ${kind.padEnd(18)} ${shown(entity.display)}${more === '' ? '' : ` (${more})`}`;
    }),
  );
}

const sumOf = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, one) => sum + one, 0);

function rows(pairs: readonly (readonly [string, string | undefined])[]): string[] {
  return pairs.flatMap(([name, value]) => (value ? [`  ${name.padEnd(12)} ${shown(value)}`] : []));
}

function limited(lines: readonly string[]): string[] {
  const left = lines.length - MOST_ROWS;
  return left <= 0 ? [...lines] : [...lines.slice(0, MOST_ROWS), `    and ${left} more (--json shows all)`];
}

const shown = (text: string) => clip(visible(text), LONGEST);
