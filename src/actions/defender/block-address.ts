import { addressResolver } from '../address.js';
import { blockAction } from './indicators/block-action.js';

/** Blocks connections to a public address on all devices for seven days. */
export default blockAction({
  name: 'defender.block-address',
  title: 'Block the address on all devices',
  entity: 'ip',
  impact:
    'No onboarded device connects to the address for seven days. Everything that shares it, such as other sites of a hosting provider, is blocked, too.',
  lasts: '7d',
  target: {
    resolver: addressResolver,
    accept: ({ address }) => ({ ok: true, input: { type: 'IpAddress', value: address } }),
  },
});
