import { defineService } from '../service.js';

/** Microsoft Defender XDR: its incidents, its tables and the messages that it analysed, through Microsoft Graph. */
export default defineService({
  title: 'Microsoft Defender XDR',
  docs: 'https://learn.microsoft.com/graph/api/resources/security-incident',
  apis: {},
  permissions: {
    'Microsoft Graph': [
      'SecurityAnalyzedMessage.ReadWrite.All',
      'SecurityIncident.ReadWrite.All',
      'ThreatHunting.Read.All',
    ],
  },
  quotas: {
    // https://learn.microsoft.com/graph/throttling-limits states none for incidents; these are those of Defender's own API for them.
    'xdr-incidents': {
      docs: 'https://learn.microsoft.com/defender-xdr/api-incident',
      limits: [
        { amount: 50, unit: 'calls', seconds: 60 },
        { amount: 1500, unit: 'calls', seconds: 3600 },
      ],
    },
    // At least; besides, each tenant has a share of the processing time.
    'xdr-hunting': {
      docs: 'https://learn.microsoft.com/defender-xdr/api-advanced-hunting',
      limits: [{ amount: 45, unit: 'calls', seconds: 60 }],
    },
  },
});
