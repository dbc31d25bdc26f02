import { defineResponse } from '../define.js';
import {
  appStateOutputSchema,
  appStatePermissions,
  confirmAppEnabled,
  setAppEnabled,
  undoAppState,
} from './service-principals/app-state.js';
import { appInputSchema, appTarget } from './service-principals/app-target.js';

/** Disables an app in this tenant: it gets no new tokens. */
export default defineResponse({
  name: 'entra.disable-app',
  title: 'Disable the app',
  docs: 'https://learn.microsoft.com/graph/api/serviceprincipal-update',
  entity: 'oauthApp',
  input: appInputSchema,
  output: appStateOutputSchema,
  permissions: appStatePermissions,
  quota: 'graph-directory',
  // The app is read for the precheck, and again before the act.
  calls: 3,
  risk: 'disruptive',
  impact:
    'No one can sign in to the app, and it gets no new access tokens; tokens that were already issued stay valid for their lifetime.',
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: appTarget,
  run: (input, ctx) => setAppEnabled(false, input, ctx),
  confirm: (input, _output, ctx) => confirmAppEnabled(false, input, ctx),
  undo: {
    describe:
      'Enables the app again, if the audit log of Entra shows that the responder disabled it last and no other incident relies on it.',
    run: (input, output, ctx, others) => undoAppState(false, input, output, ctx, others),
    confirm: (input, _output, ctx) => confirmAppEnabled(true, input, ctx),
  },
  lasting: { effect: 'app-disabled', does: 'begin' },
});
