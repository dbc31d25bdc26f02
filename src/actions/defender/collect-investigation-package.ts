import { machineAction } from './machines/machine-action.js';
import { once } from './machines/once.js';
import { PACKAGE_SYSTEMS } from './machines/system-support.js';

/** Lets a device upload its running processes, connections, logs and more, for an analyst to download. */
export default machineAction({
  name: 'defender.collect-investigation-package',
  title: 'Collect the investigation package of the device',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/collect-investigation-package',
  permission: 'Machine.CollectForensics',
  why: 'collect an investigation package',
  risk: 'safe',
  impact:
    'The device uploads logs, processes, connections and names of files to Defender, where analysts with access to the device can download them.',
  systems: PACKAGE_SYSTEMS,
  effect: once({
    type: 'CollectInvestigationPackage',
    call: 'collectInvestigationPackage',
    noun: 'investigation package',
    // There is one kind of package.
    covers: () => true,
    noUndo: 'The package stays in the Action center of Defender until the service deletes it.',
  }),
});
