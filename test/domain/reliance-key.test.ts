import { expect, it } from 'vitest';
import { lastingEffectSchema } from '../../src/domain/lasting-effect.js';
import { relianceKey } from '../../src/domain/reliance.js';
import type { TenantId } from '../../src/domain/tenant-id.js';

/** Of an instance; longer ids are refused. */
const LONGEST_ID = 100;

it.each(lastingEffectSchema.options)('has room for the effect %s on the longest record', (effect) => {
  const tenantId = '00000000-0000-4000-8000-0000000000ac' as TenantId;
  const key = relianceKey(tenantId, effect, 'f'.repeat(64));
  expect(`@reliance@${key}`.length).toBeLessThanOrEqual(LONGEST_ID);
});
