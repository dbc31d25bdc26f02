import { MACHINE } from '../../contoso.js';
import type { EnrichmentCase } from '../case.js';

export default { kind: 'enrichment', query: { mdeId: MACHINE } } satisfies EnrichmentCase;
