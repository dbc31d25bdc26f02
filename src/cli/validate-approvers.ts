/** Checks the approvers of playbooks against the directory. */

import { apis } from '../actions/services.js';
import { listGroupUsers } from '../connectors/groups.js';
import { createClients } from '../connectors/index.js';
import { wallClock } from '../host/index.js';
import { approverWarnings, type Playbook } from '../playbook/index.js';
import { startSimulator } from '../simulator/index.js';
import { azureValues } from './azure-configuration.js';
import { findFixture } from './fixture.js';
import { packageDirectory } from './package-directory.js';
import { SIMULATED_APP } from './responder.js';

export interface ApproverWarning {
  readonly place: string;
  readonly message: string;
}

/**
 * Warnings about the tiers of these playbooks, from the directory of the simulated tenant or of the tenant in the Azure
 * settings. Only reads.
 * @throws SimulatorError, ResponderError `configuration`.
 */
export async function validateApprovers(
  playbooks: readonly Playbook[],
  tenant: 'real' | 'simulated',
): Promise<readonly ApproverWarning[]> {
  const clock = wallClock();
  const simulator =
    tenant === 'real'
      ? undefined
      : await startSimulator({ tenant: findFixture('ransomware-on-workstation').tenant, clock });
  try {
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } =
      simulator === undefined ? azureValues(process.env, packageDirectory) : SIMULATED_APP;
    const { graph } = createClients(
      apis,
      {
        ...(AZURE_TENANT_ID === undefined ? {} : { tenantId: AZURE_TENANT_ID }),
        ...(AZURE_CLIENT_ID === undefined ? {} : { clientId: AZURE_CLIENT_ID }),
        ...(AZURE_CLIENT_SECRET === undefined ? {} : { clientSecret: AZURE_CLIENT_SECRET }),
        ...(simulator === undefined ? {} : { simulatedTenantUrl: simulator.url }),
      },
      { clock },
    );
    const found: ApproverWarning[] = [];
    for (const { file, tiers } of playbooks) {
      for (const { name: tier, approvers, quorum, fourEyes } of tiers) {
        const approvalsNeeded = Math.max(quorum, fourEyes ? 2 : 1);
        const warnings = await approverWarnings({ tier, approvers, approvalsNeeded }, (id) =>
          listGroupUsers(graph, id),
        );
        found.push(...warnings.map((message) => ({ place: `${file}, tier ${tier}`, message })));
      }
    }
    return found;
  } finally {
    await simulator?.stop();
  }
}
