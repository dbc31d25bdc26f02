import { DANA } from '../../contoso.js';
import type { EnrichmentCase } from '../case.js';

export default { kind: 'enrichment', query: { objectId: DANA } } satisfies EnrichmentCase;
