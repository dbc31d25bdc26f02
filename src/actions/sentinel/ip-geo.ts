import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import { addressResolver, canonicalAddress } from '../address.js';
import { defineEnrichment } from '../define.js';
import { sentinelOf } from '../incident-workspace.js';

const text = z.string().nullish();
const geodataSchema = z.looseObject({
  /** The address that the response is about. */
  ipAddr: text,
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

/** Location and owner of a public IP address. An address without data is a failure: unknown is not harmless. */
export default defineEnrichment({
  name: 'sentinel.ip-geo',
  title: 'Locate the IP address',
  docs: 'https://learn.microsoft.com/azure/sentinel/geolocation-data-api',
  entity: 'ip',
  resolver: addressResolver,
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
    { api: 'Azure RBAC', name: 'Microsoft Sentinel Reader', why: 'read the geolocation of an address' },
  ],
  quota: 'arm-reads',
  calls: 1,
  async run({ address }, ctx) {
    const { clients, signal } = ctx;
    const { subscriptionId, resourceGroup } = sentinelOf(ctx).workspace;
    const { body } = await clients.arm.get(
      path`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.SecurityInsights/enrichment/ip/geodata/?ipAddress=${address}&api-version=2023-04-01-preview`,
      geodataSchema,
      { signal },
    );
    if (body.ipAddr && canonicalAddress(body.ipAddr) !== canonicalAddress(address)) throw anotherAddress();
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

function anotherAddress(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Sentinel returned another address than the requested one.',
    fault: 'service',
    retry: 'no',
  });
}
