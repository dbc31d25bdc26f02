import { defineResponse, irreversible } from '../define.js';
import {
  confirmInvestigation,
  investigate,
  investigationOutputSchema,
} from './investigations/investigate.js';
import { machineInputSchema, machineTargetOn } from './machines/machine-target.js';
import { INVESTIGATION_SYSTEMS } from './machines/system-support.js';

/** Starts an automated investigation of a device. */
export default defineResponse({
  name: 'defender.start-investigation',
  title: 'Start an automated investigation of the device',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/initiate-autoir-investigation',
  entity: 'host',
  input: machineInputSchema,
  output: investigationOutputSchema,
  permissions: [
    {
      api: 'WindowsDefenderATP',
      name: 'Alert.ReadWrite.All',
      why: 'start an investigation, and read its state',
    },
    { api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'find the device' },
  ],
  quota: 'defender-investigations',
  calls: 3,
  risk: 'disruptive',
  impact:
    'Defender examines the device. Depending on the automation level of its device group, it stops processes and quarantines files without asking.',
  takesUpTo: '3d',
  idempotent: false,
  captures: [],
  target: machineTargetOn({ systems: INVESTIGATION_SYSTEMS }),
  run: investigate,
  confirm: (_input, output, ctx) => confirmInvestigation(output, ctx),
  undo: irreversible(
    'An investigation is cancelled, and what it has remediated is restored, in the Action center of Defender.',
  ),
});
