import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';

const text = z.string().nullish();
const geodataSchema = z.looseObject({
  asn: z.union([z.string(), z.number()]).nullish(),
  carrier: text,
  city: text,
  continent: text,
  country: text,
  organization: text,
  organizationType: text,
  ipRoutingType: text,
  latitude: text,
  longitude: text,
});

/** Where a public IP address is, and whose it is. An address without data is a failure: unknown is not harmless. */
export default defineEnrichment({
  name: 'sentinel.ip-geo',
  title: 'Locate the IP address',
  docs: 'https://learn.microsoft.com/azure/sentinel/geolocation-data-api',
  entity: 'ip',
  input: z.object({ address: z.string().min(2).describe('IPv4 or IPv6 address') }),
  output: z.object({
    address: z.string(),
    country: z.string().optional(),
    city: z.string().optional(),
    continent: z.string().optional(),
    asn: z.string().optional().describe('Number of the autonomous system'),
    carrier: z.string().optional(),
    organization: z.string().optional(),
    organizationType: z.string().optional(),
    routingType: z
      .string()
      .optional()
      .describe('How the address is connected, e.g. `fixed` or `mobile gateway`'),
  }),
  permissions: [
    { api: 'Azure RBAC', name: 'Microsoft Sentinel Reader', why: 'ask for the geolocation of an address' },
  ],
  quota: 'arm-reads',
  target({ address, scope }) {
    if (scope === 'public') return { ok: true, input: { address } };
    return { ok: false, code: 'unsupported-target', reason: 'Only public addresses have a place.' };
  },
  async run({ address }, { clients, incident, signal }) {
    const { body } = await clients.arm.get(
      path`/subscriptions/${incident.subscriptionId}/resourceGroups/${incident.resourceGroup}/providers/Microsoft.SecurityInsights/enrichment/ip/geodata/?ipAddress=${address}&api-version=2023-04-01-preview`,
      geodataSchema,
      { signal },
    );
    const { country, city, continent, carrier, organization, organizationType, ipRoutingType, asn } = body;
    return {
      address,
      ...(country ? { country } : {}),
      ...(city ? { city } : {}),
      ...(continent ? { continent } : {}),
      ...(asn ? { asn: String(asn) } : {}),
      ...(carrier ? { carrier } : {}),
      ...(organization ? { organization } : {}),
      ...(organizationType ? { organizationType } : {}),
      ...(ipRoutingType ? { routingType: ipRoutingType } : {}),
    };
  },
});
