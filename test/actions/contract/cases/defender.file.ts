import { SHA1 } from '../../contoso.js';
import type { EnrichmentCase } from '../case.js';

export default {
  kind: 'enrichment',
  query: { hashes: [{ algorithm: 'sha1', value: SHA1 }] },
} satisfies EnrichmentCase;
