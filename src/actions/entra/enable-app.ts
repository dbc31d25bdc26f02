import { defineResponse } from '../define.js';
import {
  appStateOutputSchema,
  appStatePermissions,
  confirmAppEnabled,
  setAppEnabled,
  undoAppState,
} from './service-principals/app-state.js';
import { appInputSchema, appTarget } from './service-principals/app-target.js';

/** Enables an app in this tenant again. */
export default defineResponse({
  name: 'entra.enable-app',
  title: 'Enable the app',
  docs: 'https://learn.microsoft.com/graph/api/serviceprincipal-update',
  entity: 'oauthApp',
  input: appInputSchema,
  output: appStateOutputSchema,
  permissions: appStatePermissions,
  quota: 'graph-directory',
  // The app is read for the precheck, and again before the act.
  calls: 3,
  risk: 'disruptive',
  impact: 'Users can sign in to the app again, and it gets access tokens for everything that it was granted.',
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: appTarget,
  run: (input, ctx) => setAppEnabled(true, input, ctx),
  confirm: (input, _output, ctx) => confirmAppEnabled(true, input, ctx),
  undo: {
    describe: 'Disables the app again, if the audit log of Entra shows that the responder enabled it last.',
    run: (input, output, ctx, others) => undoAppState(true, input, output, ctx, others),
    confirm: (input, _output, ctx) => confirmAppEnabled(false, input, ctx),
  },
  lasting: { effect: 'app-disabled', does: 'end' },
});
