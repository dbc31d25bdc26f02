import type { EnrichmentCase } from '../case.js';

export default { kind: 'enrichment', query: { address: '203.0.113.77' } } satisfies EnrichmentCase;
