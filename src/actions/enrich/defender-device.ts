import { z } from 'zod';
import { MATCHED_BY, machineResolver } from '../defender/machine-resolver.js';
import { defineEnrichment } from '../define.js';
import { optional, wordOf } from '../value-set.js';

const word = z.string().optional().describe("Defender's own word; absent where it gave none");
const oneOf = <const V extends string>(values: readonly V[]) =>
  z
    .enum(values)
    .optional()
    .describe('Absent where Defender gave no word, or one that its documentation does not have');

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

/** The one machine that a host is in Defender for Endpoint. Two of the same name are an error, not a choice. */
export default defineEnrichment({
  name: 'defender.device',
  title: 'Look up the device in Defender',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/get-machine-by-id',
  entity: 'host',
  resolver: machineResolver,
  output: z.object({
    machineId: z.string().describe("Defender's machine id"),
    matchedBy: z.enum(MATCHED_BY).describe('What the machine was found by'),
    computerDnsName: z.string(),
    osPlatform: word,
    isServer: z
      .boolean()
      .optional()
      .describe('The operating system is a server edition; absent where it is not known'),
    healthStatus: oneOf(HEALTH),
    onboardingStatus: oneOf(ONBOARDING),
    riskScore: oneOf(RISK),
    exposureLevel: oneOf(EXPOSURE),
    deviceValue: oneOf(VALUE),
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
  async run({ machine, matchedBy }) {
    const { osPlatform, healthStatus, onboardingStatus, riskScore, exposureLevel, deviceValue } = machine;
    const { rbacGroupName, aadDeviceId, lastSeen, lastIpAddress, lastExternalIpAddress } = machine;
    return {
      machineId: machine.id,
      matchedBy,
      computerDnsName: machine.computerDnsName ?? '',
      ...(osPlatform ? { osPlatform, isServer: /server/i.test(osPlatform) } : {}),
      ...optional('healthStatus', wordOf(HEALTH, healthStatus)),
      ...optional('onboardingStatus', wordOf(ONBOARDING, onboardingStatus)),
      ...optional('riskScore', wordOf(RISK, riskScore)),
      ...optional('exposureLevel', wordOf(EXPOSURE, exposureLevel)),
      ...optional('deviceValue', wordOf(VALUE, deviceValue)),
      machineTags: machine.machineTags ?? [],
      ...(rbacGroupName ? { rbacGroupName } : {}),
      ...(aadDeviceId ? { aadDeviceId } : {}),
      ...(lastSeen ? { lastSeen } : {}),
      ...(lastIpAddress ? { lastIpAddress } : {}),
      ...(lastExternalIpAddress ? { lastExternalIpAddress } : {}),
    };
  },
});
