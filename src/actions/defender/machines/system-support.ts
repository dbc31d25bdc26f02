/** On which operating systems Defender carries out a machine action. What it would refuse is put to no approver. */
import { visible } from '../../../domain/visible.js';
import type { Refusal } from '../../define.js';
import type { Machine } from './machines.js';

const WINDOWS = ['Windows 10 and 11'] as const;
const SERVER_2019 = ['Windows Server 2019 and later'] as const;
const SERVER_2012 = ['Windows Server 2012 R2 and 2016'] as const;

/** By `osPlatform`. The values were seen; https://learn.microsoft.com/defender-endpoint/api/machine lists none. */
const FAMILIES = [
  ['Windows 10 and 11', /^windows1[01]/],
  ['Windows Server 2019 and later', /^windowsserver20(19|[2-9]\d)/],
  ['Windows Server 2012 R2 and 2016', /^windowsserver20(12r2|16)/],
  ['older versions of Windows', /^windows(xp|vista|7|8|server20(03|08|12$))/],
  ['macOS', /^mac/],
  ['Linux', /linux|^(ubuntu|debian|redhat|rhel|centos|suse|sles|fedora|mariner)/],
  ['iOS', /^i(pad)?os/],
  ['Android', /^android/],
] as const;
export type SystemFamily = (typeof FAMILIES)[number][0];

export interface SystemSupport {
  readonly only: readonly SystemFamily[];
  /** What an analyst can do on the other ones, as a sentence. */
  readonly otherwise: string;
}

const OFF_THE_NETWORK =
  'Take it off the network by other means: its switch port, its VPN, its device management.';

/** https://learn.microsoft.com/defender-endpoint/respond-machine-alerts#isolate-devices-from-the-network */
export const ISOLATION_SYSTEMS: SystemSupport = {
  only: [...WINDOWS, ...SERVER_2019, ...SERVER_2012, 'macOS', 'Linux'],
  otherwise: OFF_THE_NETWORK,
};
export const SELECTIVE_ISOLATION_SYSTEMS: SystemSupport = {
  only: [...WINDOWS, ...SERVER_2019, ...SERVER_2012, 'macOS'],
  otherwise: `Isolate it fully where Defender can. ${OFF_THE_NETWORK}`,
};
/** https://learn.microsoft.com/defender-endpoint/respond-machine-alerts#restrict-app-execution */
export const CODE_RESTRICTION_SYSTEMS: SystemSupport = {
  only: [...WINDOWS, ...SERVER_2019],
  otherwise: 'Isolate it instead, or stop the program on the device.',
};

/** https://learn.microsoft.com/defender-endpoint/respond-machine-alerts#collect-investigation-package-from-devices */
export const PACKAGE_SYSTEMS: SystemSupport = {
  only: ISOLATION_SYSTEMS.only,
  otherwise: 'Collect what is needed on the device.',
};
/** https://learn.microsoft.com/defender-endpoint/api/initiate-autoir-investigation */
export const INVESTIGATION_SYSTEMS: SystemSupport = {
  only: [...WINDOWS, ...SERVER_2019],
  otherwise: 'Investigate it by hand.',
};

/** Undefined if Defender supports it, or if the operating system is not known: then the service decides. */
export function refusalOn({ osPlatform }: Machine, { only, otherwise }: SystemSupport): Refusal | undefined {
  const platform = osPlatform?.toLowerCase().replaceAll(/\s/g, '') ?? '';
  const family = FAMILIES.find(([, pattern]) => pattern.test(platform))?.[0];
  if (family === undefined || only.includes(family)) return undefined;
  const reason = `Defender does this on ${only.join(', ')}; the device has ${visible(osPlatform ?? '')}. ${otherwise}`;
  return { ok: false, code: 'unsupported-target', reason };
}
