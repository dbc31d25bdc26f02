/** An address of an incident: its own canonical text is its identity. */
import { z } from 'zod';
import type { EntityOf } from '../domain/entities.js';
import { found } from '../domain/found-by.js';
import type { Resolution, Resolver } from './define.js';

const querySchema = z.object({ address: z.string().min(2).describe('IPv4 or IPv6 address') });
type AddressQuery = z.infer<typeof querySchema>;

export const addressResolver: Resolver<'ip', AddressQuery, AddressQuery> = {
  kind: 'sentinel.address',
  query: querySchema,
  identify({ address, scope }: EntityOf<'ip'>) {
    if (scope === 'public') return { ok: true, input: { address } };
    return { ok: false, code: 'unsupported-target', reason: 'It is not a public address.' };
  },
  resolve: ({ address }) => Promise.resolve(resolved(address)),
  read: (id) => Promise.resolve(resolved(id)),
};

function resolved(address: string): Resolution<AddressQuery> {
  const record = {
    kind: 'sentinel.address',
    id: address,
    name: address,
    ...found('address'),
    ids: {},
  } as const;
  return {
    ok: true,
    found: { address },
    record: { ...record, agreed: [`address ${address}`], unchecked: [] },
  };
}

/** The canonical spelling of an address. */
export function canonicalAddress(text: string): string {
  const bare = text.trim().toLowerCase();
  return bare.includes(':') && URL.canParse(`http://[${bare}]/`)
    ? new URL(`http://[${bare}]/`).hostname
    : bare;
}
