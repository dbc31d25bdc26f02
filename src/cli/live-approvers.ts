/** Asks the directory about the approvers that playbooks name. */

import { usersOfGroup } from '../connectors/groups.js';
import { createClients } from '../connectors/index.js';
import { wallClock } from '../host/index.js';
import { approverDoubts, type Playbook } from '../playbook/index.js';
import { startSimulator } from '../simulator/index.js';
import { azureValues } from './azure-configuration.js';
import { findFixture } from './fixture.js';
import { packageDirectory } from './package-directory.js';
import { SIMULATED_APP } from './responder.js';

export interface LiveDoubt {
  readonly place: string;
  readonly message: string;
}

/**
 * What the directory says against the tiers of these playbooks: that of the simulated tenant, or of the one that the
 * Azure settings name. Only reads.
 * @throws SimulatorError, ResponderError `configuration`.
 */
export async function liveDoubts(
  playbooks: readonly Playbook[],
  tenant: 'real' | 'simulated',
): Promise<readonly LiveDoubt[]> {
  const clock = wallClock();
  const simulator =
    tenant === 'real'
      ? undefined
      : await startSimulator({ tenant: findFixture('ransomware-on-workstation').tenant, clock });
  try {
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } =
      simulator === undefined ? azureValues(process.env, packageDirectory) : SIMULATED_APP;
    const { graph } = createClients(
      {
        ...(AZURE_TENANT_ID === undefined ? {} : { tenantId: AZURE_TENANT_ID }),
        ...(AZURE_CLIENT_ID === undefined ? {} : { clientId: AZURE_CLIENT_ID }),
        ...(AZURE_CLIENT_SECRET === undefined ? {} : { clientSecret: AZURE_CLIENT_SECRET }),
        ...(simulator === undefined ? {} : { simulatedTenantUrl: simulator.url }),
      },
      { clock },
    );
    const found: LiveDoubt[] = [];
    for (const { file, tiers } of playbooks) {
      for (const { name: tier, approvers, quorum, fourEyes } of tiers) {
        const approvalsNeeded = Math.max(quorum, fourEyes ? 2 : 1);
        const doubts = await approverDoubts({ tier, approvers, approvalsNeeded }, (id) =>
          usersOfGroup(graph, id),
        );
        found.push(...doubts.map((message) => ({ place: `${file}, tier ${tier}`, message })));
      }
    }
    return found;
  } finally {
    await simulator?.stop();
  }
}
