import { machineAction } from './machines/machine-action.js';
import { once } from './machines/once.js';

/** Scans a device with Defender Antivirus. */
export default machineAction({
  name: 'defender.run-antivirus-scan',
  title: 'Scan the device for malware',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/run-av-scan',
  permission: 'Machine.Scan',
  why: 'start an antivirus scan',
  risk: 'safe',
  impact: 'The device may be slow until the quick scan has ended; malware that it finds is remediated.',
  effect: once({
    type: 'RunAntiVirusScan',
    call: 'runAntiVirusScan',
    body: { ScanType: 'Quick' },
    noun: 'antivirus scan',
    // A full scan includes a quick one.
    covers: () => true,
    noUndo: 'A scan only leaves its findings; what was remediated is restored in the Defender portal.',
  }),
});
