import { defineResponse } from '../define.js';
import { consentInputSchema, consentTarget } from './consents/consent-target.js';
import {
  confirmConsentRemoved,
  confirmConsentRestored,
  consentOutputSchema,
  consentPermissions,
  removeConsent,
  restoreConsent,
} from './consents/removal.js';

/** Removes a delegated consent of an app, of one user or of an administrator for all. Each consent is a step of its own. */
export default defineResponse({
  name: 'entra.remove-consent',
  title: 'Remove the consent to the app',
  docs: 'https://learn.microsoft.com/graph/api/oauth2permissiongrant-delete',
  entity: 'oauthApp',
  input: consentInputSchema,
  output: consentOutputSchema,
  permissions: consentPermissions,
  quota: 'graph-directory',
  // The consents are listed for the precheck, and again before the act.
  calls: 3,
  risk: 'disruptive',
  impact:
    'The app gets no new access tokens for these permissions; those that were already issued stay valid for their lifetime. Users may consent again, unless the app is disabled or the tenant does not let them.',
  takesUpTo: '15m',
  // The second request is refused.
  idempotent: true,
  captures: ['before'],
  target: consentTarget,
  run: removeConsent,
  confirm: (input, _output, ctx) => confirmConsentRemoved(input, ctx),
  undo: {
    describe:
      'Grants the same permissions to the app again, if the responder removed them, there is no new consent and no other incident relies on it.',
    run: restoreConsent,
    confirm: confirmConsentRestored,
  },
  lasting: { effect: 'consent-removed', does: 'begin' },
});
