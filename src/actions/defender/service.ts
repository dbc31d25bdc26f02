import { defineService, type Quota } from '../service.js';

/** Machines, machine actions, files, addresses and domains have the same limits, each for itself. */
const QUOTA = {
  docs: 'https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list',
  limits: [
    { amount: 100, unit: 'calls', seconds: 60 },
    { amount: 1500, unit: 'calls', seconds: 3600 },
  ],
} as const satisfies Quota;

/** Microsoft Defender for Endpoint: devices, machine actions, files. */
export default defineService({
  title: 'Microsoft Defender for Endpoint',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/apis-intro',
  apis: {
    defender: {
      title: 'Defender for Endpoint',
      host: 'api.security.microsoft.com',
      // The audience of its tokens still has the service's old name.
      scope: 'https://api.securitycenter.microsoft.com/.default',
      client: 'rest',
    },
  },
  permissions: {
    WindowsDefenderATP: [
      'Alert.ReadWrite.All',
      'File.Read.All',
      'Ip.Read.All',
      'Machine.CollectForensics',
      'Machine.Isolate',
      'Machine.Read.All',
      'Machine.ReadWrite.All',
      'Machine.RestrictExecution',
      'Machine.Scan',
      'Software.Read.All',
      'Ti.ReadWrite.All',
      'URL.Read.All',
      'User.Read.All',
      'Vulnerability.Read.All',
    ],
  },
  quotas: {
    'defender-machines': QUOTA,
    'defender-machine-actions': QUOTA,
    'defender-files': QUOTA,
    'defender-addresses': QUOTA,
    'defender-domains': QUOTA,
    'defender-indicators': QUOTA,
    /** Starting one; reading them has the limits of the others. */
    'defender-investigations': {
      docs: 'https://learn.microsoft.com/defender-endpoint/api/initiate-autoir-investigation',
      limits: [{ amount: 50, unit: 'calls', seconds: 3600 }],
    },
    'defender-vulnerabilities': {
      docs: 'https://learn.microsoft.com/defender-endpoint/api/get-discovered-vulnerabilities',
      limits: [
        { amount: 50, unit: 'calls', seconds: 60 },
        { amount: 1500, unit: 'calls', seconds: 3600 },
      ],
    },
  },
});
