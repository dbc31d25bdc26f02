import { relianceKey } from '../../src/domain/reliance.js';
import { tenantIdSchema } from '../../src/domain/tenant-id.js';
import { DEVICE } from './responder.js';

const TENANT = tenantIdSchema.parse('00000000-0000-4000-8000-0000000000ac');

/** The key of the entity that knows who relies on the isolation of the fixture's device. */
export const DEVICE_ISOLATION = relianceKey(TENANT, 'device-isolation', DEVICE);
