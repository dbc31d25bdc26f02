/** The target is one record, and the one that was approved. */
import { expect } from 'vitest';
import type { Enrichment, Response } from '../../../../src/actions/define.js';
import { resolveTarget, runEnrichment } from '../../../../src/actions/run.js';
import { withContoso } from '../../contoso.js';
import { act, inTenant } from '../act.js';
import { RECORDS } from '../records.js';
import type { EnrichmentCheck, ResponseCheck } from './check.js';

export const ABOUT_THE_INCIDENT = 'It is about the incident itself, which has no other record and no author.';

const PROMISE = 'identifiers of two records are refused, and nothing is done';

function disagreeing(action: Enrichment | Response) {
  const resolver = action.kind === 'response' ? action.target?.resolver : action.resolver;
  return resolver === undefined ? { none: ABOUT_THE_INCIDENT } : RECORDS[resolver.kind].disagreeing;
}
const noneBecause = (action: Enrichment | Response): string | undefined => {
  const query = disagreeing(action);
  return 'none' in query ? String(query.none) : undefined;
};

export const responseDisagree: ResponseCheck = {
  name: 'disagree',
  promise: PROMISE,
  exempt: noneBecause,
  run: (action, given) =>
    inTenant(action, given, async (contoso) => {
      const found = await resolveTarget(action, disagreeing(action), contoso.context(action.name, 'target'));
      expect(found).toMatchObject({ ok: true, value: { ok: false, code: 'identifiers-disagree' } });
      expect(contoso.writes()).toEqual([]);
    }),
};

export const enrichmentDisagree: EnrichmentCheck = {
  name: 'disagree',
  promise: 'identifiers of two records are refused: there is no finding',
  exempt: noneBecause,
  run: (action) =>
    withContoso([], async (contoso) => {
      const found = await runEnrichment(action, disagreeing(action), contoso.context(action.name, 'target'));
      expect(found).toMatchObject({ ok: false, error: { code: 'identifiers-disagree' } });
    }),
};

export const changed: ResponseCheck = {
  name: 'changed',
  promise: 'a record that is another one than was approved is left as it is',
  exempt: ({ target }) => (target === undefined ? ABOUT_THE_INCIDENT : undefined),
  run: (action, given) =>
    inTenant(action, given, async (contoso, { input, record }) => {
      if (record === undefined) throw new Error('It has no record.');
      const renamed = { ...record, name: `not-${record.name}` };
      expect(await act(action, { input, record: renamed }, contoso)).toMatchObject({
        ok: false,
        error: { code: 'target-changed' },
      });
      expect(contoso.writes()).toEqual([]);
    }),
};
