import type { EnrichmentCase } from '../case.js';

export default { kind: 'enrichment', query: { upn: 'dana.ortiz@contoso.com' } } satisfies EnrichmentCase;
