import { z } from 'zod';
import { defineEnrichment } from '../define.js';
import { enumValueOf, optional } from '../enum-value.js';
import { machineResolver } from './machines/machine-resolver.js';
import { machineFoundBySchema } from './machines/machine-search.js';

const rawText = z.string().optional().describe("Defender's own value; absent if there is none");
const optionalEnum = <const V extends string>(values: readonly V[]) =>
  z.enum(values).optional().describe('Absent if Defender returned no value, or an undocumented one');

/** https://learn.microsoft.com/defender-endpoint/api/machine */
const HEALTH = [
  'Active',
  'Inactive',
  'ImpairedCommunication',
  'NoSensorData',
  'NoSensorDataImpairedCommunication',
  'Unknown',
] as const;
const ONBOARDING = ['Onboarded', 'CanBeOnboarded', 'Unsupported', 'InsufficientInfo'] as const;
const RISK = ['None', 'Informational', 'Low', 'Medium', 'High'] as const;
const EXPOSURE = ['None', 'Low', 'Medium', 'High'] as const;
const VALUE = ['Low', 'Normal', 'High'] as const;

/** The one machine of a host in Defender for Endpoint. Two machines with the same name are an error, not a choice. */
export default defineEnrichment({
  name: 'defender.device',
  title: 'Look up the device in Defender',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-machine-by-id',
  entity: 'host',
  resolver: machineResolver,
  output: z.object({
    machineId: z.string().describe("Defender's machine id"),
    foundBy: machineFoundBySchema.describe('The identifier by which the machine was found'),
    computerDnsName: z.string(),
    osPlatform: rawText,
    isServer: z.boolean().optional().describe('The operating system is a server edition; absent if unknown'),
    healthStatus: optionalEnum(HEALTH),
    onboardingStatus: optionalEnum(ONBOARDING),
    riskScore: optionalEnum(RISK),
    exposureLevel: optionalEnum(EXPOSURE),
    deviceValue: optionalEnum(VALUE),
    machineTags: z.array(z.string()),
    rbacGroupName: z.string().optional(),
    aadDeviceId: z.string().optional(),
    lastSeen: z.string().optional().describe('ISO 8601, UTC'),
    lastIpAddress: z.string().optional(),
    lastExternalIpAddress: z.string().optional(),
  }),
  permissions: [
    { api: 'WindowsDefenderATP', name: 'Machine.Read.All', why: 'find the device and read its state' },
  ],
  quota: 'defender-machines',
  // The resolver has read the record.
  calls: 0,
  async run({ machine, foundBy }) {
    const { osPlatform, healthStatus, onboardingStatus, riskScore, exposureLevel, deviceValue } = machine;
    const { rbacGroupName, aadDeviceId, lastSeen, lastIpAddress, lastExternalIpAddress } = machine;
    return {
      machineId: machine.id,
      foundBy,
      computerDnsName: machine.computerDnsName ?? '',
      ...(osPlatform ? { osPlatform, isServer: /server/i.test(osPlatform) } : {}),
      ...optional('healthStatus', enumValueOf(HEALTH, healthStatus)),
      ...optional('onboardingStatus', enumValueOf(ONBOARDING, onboardingStatus)),
      ...optional('riskScore', enumValueOf(RISK, riskScore)),
      ...optional('exposureLevel', enumValueOf(EXPOSURE, exposureLevel)),
      ...optional('deviceValue', enumValueOf(VALUE, deviceValue)),
      machineTags: machine.machineTags ?? [],
      ...(rbacGroupName ? { rbacGroupName } : {}),
      ...(aadDeviceId ? { aadDeviceId } : {}),
      ...(lastSeen ? { lastSeen } : {}),
      ...(lastIpAddress ? { lastIpAddress } : {}),
      ...(lastExternalIpAddress ? { lastExternalIpAddress } : {}),
    };
  },
});
