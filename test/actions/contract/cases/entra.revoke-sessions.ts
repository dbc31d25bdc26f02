import type { ResponseCase } from '../case.js';

export default {
  kind: 'response',
  doneBySomebodyElse: {
    doesNotCount:
      'The directory does not record who revoked, so each revocation after the decision is enough.',
  },
  lose: (state) => {
    for (const user of state.users) user.signInSessionsValidFromDateTime = '2026-01-05T09:00:00Z';
  },
} satisfies ResponseCase;
