import type { EnrichmentCase } from '../case.js';

export default { kind: 'enrichment' } satisfies EnrichmentCase;
