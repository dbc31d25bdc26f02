/** Requests of the app itself that no recorded incident has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ARM_ID, type Contoso, TENANT } from '../../contoso.js';
import { INCIDENT } from '../cases/xdr.comment.js';
import { recorded } from './requests.js';
import type { SentRequest } from './sent-request.js';

const SCRIPT = fileURLToPath(new URL('./call-app.mjs', import.meta.url));
const GROUP = '00000000-0000-4000-8000-00000000b101';

/** The sweep's lists, the look-up of an alert's incident, the end of an incident, and the further alerts of one in Defender. */
export function requestsOfApp(): Promise<SentRequest[]> {
  return recorded(async (contoso, file) => {
    const id = incidentOfManyAlerts(contoso);
    const settings = {
      SIMULATED_TENANT_URL: contoso.simulator.url,
      RECORD_EXCHANGES_TO: file,
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: '00000000-0000-4000-8000-0000000000c1',
      AZURE_CLIENT_SECRET: 'made-up-secret',
      DEFENDER_INCIDENTS: 'on',
      APPROVALS_SIGNING_KEYS: 'k'.repeat(32),
      APPROVER_GROUPS: JSON.stringify({ 'soc-analysts': GROUP, 'soc-leads': GROUP }),
    };
    const child = spawn(process.execPath, [SCRIPT, ARM_ID, id], {
      env: { PATH: process.env.PATH, ...settings },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`call-app.mjs ended with ${code}.`);
  });
}

/** More than Graph returns at once. */
function incidentOfManyAlerts(contoso: Contoso): string {
  contoso.change((state) => {
    const alerts = Array.from({ length: 25 }, (_, i) => ({ id: `alert-${i}` }));
    state.securityIncidents = [{ ...INCIDENT, alerts }];
  });
  return INCIDENT.id;
}
