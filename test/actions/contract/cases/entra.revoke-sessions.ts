import { DANA } from '../../contoso.js';
import type { ResponseCase } from '../case.js';

export default {
  kind: 'response',
  input: { objectId: DANA, upn: 'dana.ortiz@contoso.com' },
  lose: (state) => {
    for (const user of state.users) user.signInSessionsValidFromDateTime = '2026-01-05T09:00:00Z';
  },
} satisfies ResponseCase;
