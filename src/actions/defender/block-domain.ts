import { domainResolver } from '../internet-names.js';
import { blockAction } from './indicators/block-action.js';
import { refusalOfShared } from './indicators/shared-domains.js';

/** Blocks connections to a domain on all devices for seven days. */
export default blockAction({
  name: 'defender.block-domain',
  title: 'Block the domain on all devices',
  entity: 'dns',
  impact: 'No onboarded device connects to the domain for seven days.',
  lasts: '7d',
  target: {
    resolver: domainResolver,
    accept: ({ text }) => refusalOfShared(text) ?? { ok: true, input: { type: 'DomainName', value: text } },
  },
});
