/** When an incident began, as the service says: never a guess. */
import { expect, it } from 'vitest';
import { firstActivityOf } from '../../src/domain/first-activity.js';
import type { Alert, Completeness, Incident } from '../../src/domain/incident.js';
import { incidentRef } from '../../src/orchestrator/scope.js';

const alert = (startedAt?: string): Alert => ({
  ...{ key: 'a', title: 't', severity: 'high', tactics: [], techniques: [] },
  ...(startedAt ? { startedAt } : {}),
});
const EARLY = '2026-03-10T07:41:12.000Z';
const LATE = '2026-03-10T08:01:02.000Z';
const known = (alerts: Completeness) => ({ completeness: { alerts, entities: 'full' as const } });

it("is the incident's own time, whatever its alerts say", () => {
  expect(firstActivityOf({ firstActivityAt: LATE, alerts: [alert(EARLY)], ...known('full') })).toBe(LATE);
});

it('is that of the earliest alert where the incident has none', () => {
  expect(firstActivityOf({ alerts: [alert(LATE), alert(EARLY)], ...known('full') })).toBe(EARLY);
});

it('is unknown if alerts are missing, have no time, or nothing says that there are no more', () => {
  expect(firstActivityOf({ alerts: [alert(EARLY)], ...known('partial') })).toBeUndefined();
  expect(firstActivityOf({ alerts: [alert(EARLY), alert()], ...known('full') })).toBeUndefined();
  expect(firstActivityOf({ alerts: [alert(EARLY)] })).toBeUndefined();
  expect(firstActivityOf({ alerts: [], ...known('full') })).toBeUndefined();
});

it('is what actions get of the incident, and nothing if it is unknown', () => {
  const incident = { title: 't', alerts: [] } as unknown as Incident;
  expect(incidentRef({ ...incident, firstActivityAt: EARLY })).toMatchObject({ firstActivityAt: EARLY });
  expect(incidentRef(incident)).not.toHaveProperty('firstActivityAt');
});
