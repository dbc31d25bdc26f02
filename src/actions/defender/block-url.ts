import { urlResolver } from '../internet-names.js';
import { blockAction } from './indicators/block-action.js';
import { refusalOfShared } from './indicators/shared-domains.js';

/** Blocks a URL on all devices for seven days. */
export default blockAction({
  name: 'defender.block-url',
  title: 'Block the URL on all devices',
  entity: 'url',
  impact:
    'No onboarded device opens the URL for seven days. With https, other browsers than Edge block it only where it names nothing but a host.',
  lasts: '7d',
  target: {
    resolver: urlResolver,
    accept({ text }) {
      const { pathname, search, hostname } = new URL(text);
      const isWholeHost = pathname === '/' && search === '';
      return (
        (isWholeHost ? refusalOfShared(hostname) : undefined) ?? {
          ok: true,
          input: { type: 'Url', value: text },
        }
      );
    },
  },
});
