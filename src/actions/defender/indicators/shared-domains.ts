/** Domains that no incident should block whole: devices need them for sign-in, updates, Defender itself. */
import type { Refusal } from '../../define.js';

/** https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges */
const SHARED = [
  ...[
    'microsoft.com',
    'microsoftonline.com',
    'microsoft365.com',
    'cloud.microsoft',
    'msauth.net',
    'msftauth.net',
  ],
  ...[
    'windows.net',
    'windows.com',
    'windowsupdate.com',
    'azure.com',
    'azure.net',
    'azureedge.net',
    'live.com',
  ],
  ...['office.com', 'office.net', 'office365.com', 'outlook.com', 'sharepoint.com', 'skype.com', 'teams.com'],
];

/** The refusal to block this host, if its domain is one of them. */
export function refusalOfShared(host: string): Refusal | undefined {
  const domain = SHARED.find((one) => host === one || host.endsWith(`.${one}`));
  if (domain === undefined) return undefined;
  const reason = `${host} is part of ${domain}, a domain of Microsoft's cloud that devices need. Block the URL itself, or what it leads to.`;
  return { ok: false, code: 'unsupported-target', reason };
}
