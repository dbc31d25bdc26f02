import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Incident } from '../../src/domain/incident.js';
import type { IncidentChange } from '../../src/domain/incident-change.js';
import { withoutOwnChanges } from '../../src/domain/own-changes.js';

const SEVERITIES = ['high', 'medium', 'low', 'informational'] as const;
const incident = fc.record({
  severity: fc.constantFrom(...SEVERITIES),
  status: fc.constantFrom('new', 'active', 'closed', 'merged'),
  labels: fc.array(fc.record({ name: fc.constantFrom('a', 'B', 'c'), auto: fc.boolean() })),
}) as fc.Arbitrary<Incident>;
const change = fc.oneof(
  fc.constantFrom(...SEVERITIES).map((to): IncidentChange => ({ field: 'severity', to })),
  fc.constant<IncidentChange>({ field: 'status', to: 'closed' }),
  fc.constantFrom('A', 'b', 'd').map((to): IncidentChange => ({ field: 'label', to })),
);

it('shows an incident that the responder has changed as before, and every value that others have set', () => {
  fc.assert(
    fc.property(incident, fc.array(change), fc.constantFrom(...SEVERITIES), (read, changes, severity) => {
      const seen = withoutOwnChanges(read, { severity, changes });
      const own = (field: string) =>
        changes.filter((one) => one.field === field).map(({ to }) => to.toLowerCase());
      expect(seen.severity).toBe(own('severity').includes(read.severity) ? severity : read.severity);
      const isOwnClose = read.status === 'closed' && own('status').length > 0;
      expect(seen.status).toBe(isOwnClose ? 'active' : read.status);
      expect(seen.labels).toEqual(
        read.labels.filter(({ name }) => !own('label').includes(name.toLowerCase())),
      );
    }),
    { seed: 14 },
  );
});
