import { machineAction } from './machines/machine-action.js';
import { SELECTIVE_ISOLATION_SYSTEMS } from './machines/system-support.js';
import { SELECTIVE_ISOLATION } from './restraints/restraint.js';
import { imposing } from './restraints/restraint-effects.js';

/** Cuts a device off the network, except from Defender, Outlook and Teams. It is no full isolation, and not proved as one. */
export default machineAction({
  name: 'defender.isolate-device-selectively',
  title: 'Isolate the device, but not from mail and Teams',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/isolate-machine',
  permission: 'Machine.Isolate',
  why: 'isolate and release a device',
  risk: 'disruptive',
  impact:
    'The device loses all network connections but those of Defender, classic Outlook and classic Teams, which an attacker on the device may use, too.',
  systems: SELECTIVE_ISOLATION_SYSTEMS,
  effect: imposing(SELECTIVE_ISOLATION, {
    effect: 'device-isolation',
    undo: 'Releases the device from isolation, if only the responder isolated it and no other incident relies on it.',
  }),
});
