/** An approver is involved in an incident that names them by any identifier, in any kind of entity, or by their device. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { again, change, type Event, isKind, nameOf, noted, submit } from './later-events.js';
import { ANALYSTS, anotherIncident, Responder, type Tenant } from './responder.js';

const [, ROBIN] = ANALYSTS;
const SAM = '00000000-0000-4000-8000-00000000a103';
const DOMAIN = 'S-1-5-21-1000000001-1000000002-1000000003';
const CLOUD_SID = 'S-1-12-1-1000000001-1100000002-1200000003-1300000004';
const OWNED = '00000000-0000-4000-8000-00000000d001';
const USED = '00000000-0000-4000-8000-00000000d002';
const SAMS = '00000000-0000-4000-8000-00000000d003';
const ROBINS_MACHINE = '0b0b0001'.repeat(5);
const NAMED_MACHINE = '0b0b0002'.repeat(5);
/** Robin's, too. Nothing is proposed for it. */
const QUIET_MACHINE = '0b0b0003'.repeat(5);
/** The Entra SID, derived from Robin's object id. */
const SID_OF_ID = 'S-1-12-1-0-1073741824-128-44105728';

type Named = { readonly kind: string; readonly properties: Readonly<Record<string, unknown>> };
const account = (properties: Named['properties']): Named => ({ kind: 'Account', properties });
const theirs: readonly (readonly [string, Named | { readonly compromisedEntity: string }])[] = [
  [
    'their sign-in name with the object id of somebody else',
    account({ accountName: 'robin.keller', upnSuffix: 'contoso.com', aadUserId: SAM }),
  ],
  [
    'their object id with the sign-in name of somebody else',
    account({ accountName: 'sam.okafor@contoso.com', aadUserId: ROBIN.id }),
  ],
  [
    'their SID with everything else of somebody else',
    account({ accountName: 'sam.okafor@contoso.com', aadUserId: SAM, sid: `${DOMAIN}-2001` }),
  ],
  ['their SID of the cloud', account({ accountName: 'x', sid: CLOUD_SID })],
  ['a second address', account({ accountName: 'robin@private.example', aadUserId: SAM })],
  ['a former address', account({ accountName: 'robin.former@contoso.com' })],
  ['what they are shown as, alone', account({ displayName: 'Robin Keller' })],
  [
    'an address deep inside an account',
    account({
      accountName: 'x',
      aadUserId: SAM,
      additionalData: { More: [{ Mail: 'R.Keller@contoso.com' }] },
    }),
  ],
  [
    'their mailbox',
    { kind: 'Mailbox', properties: { mailboxPrimaryAddress: 'r.keller@contoso.com', displayName: 'x' } },
  ],
  [
    'their mailbox by the object id of its owner',
    { kind: 'Mailbox', properties: { externalDirectoryObjectId: ROBIN.id.toUpperCase() } },
  ],
  [
    'a mail to them',
    { kind: 'MailMessage', properties: { recipient: 'r.keller@contoso.com', sender: 'x@fabrikam.com' } },
  ],
  [
    'a mail to many',
    {
      kind: 'MailMessage',
      properties: { recipient: 'Sam <sam.okafor@contoso.com>; Robin <R.Keller@contoso.com>' },
    },
  ],
  [
    'a mail from them',
    { kind: 'MailMessage', properties: { p1Sender: 'x@fabrikam.com', p2Sender: 'robin.keller@contoso.com' } },
  ],
  [
    'a cluster of mails',
    {
      kind: 'MailCluster',
      properties: { mailboxes: ['sam.okafor@contoso.com', 'SMTP:r.keller@contoso.com'] },
    },
  ],
  [
    'a mail that they submitted',
    { kind: 'SubmissionMail', properties: { submitter: 'robin.keller@contoso.com' } },
  ],
  [
    'an entity of an unknown kind',
    { kind: 'Badge', properties: { holder: { mail: 'robin.keller@contoso.com' } } },
  ],
  ['the compromised entity of an alert, by address', { compromisedEntity: 'r.keller@contoso.com' }],
  ['the compromised entity of an alert, by name', { compromisedEntity: 'CORP\\rkeller' }],
  [
    'a device that they own',
    { kind: 'Host', properties: { hostName: 'lt-1', additionalData: { AadDeviceId: OWNED } } },
  ],
  [
    'a device that they use',
    { kind: 'Host', properties: { hostName: 'lt-2', additionalData: { AadDeviceId: USED } } },
  ],
  [
    'a device that they own, by a second id',
    {
      kind: 'Host',
      properties: { hostName: 'lt-1', AadDeviceId: SAMS, additionalData: { AadDeviceId: OWNED } },
    },
  ],
  ['a device of a kind that nothing is done with', { kind: 'IoTDevice', properties: { deviceId: OWNED } }],
  ['a device that has the name of theirs', { kind: 'Host', properties: { hostName: 'LT-ROBIN' } }],
  [
    'a device that has the name of theirs in its full name',
    { kind: 'Host', properties: { hostName: 'lt-robin', dnsDomain: 'corp.contoso.com' } },
  ],
  [
    'a device that has their name as its NetBIOS name',
    { kind: 'Host', properties: { netBiosName: 'LT-ROBIN' } },
  ],
  ['the compromised entity of an alert, by the name of their device', { compromisedEntity: 'LT-Robin' }],
  [
    'a machine of which only Defender knows that it is theirs',
    { kind: 'Host', properties: { additionalData: { MdatpDeviceId: ROBINS_MACHINE } } },
  ],
  [
    'a machine of which only Defender knows that it has the name of theirs',
    { kind: 'Host', properties: { additionalData: { MdatpDeviceId: NAMED_MACHINE } } },
  ],
  [
    'a device of a kind that nothing is done with, by name',
    { kind: 'IoTDevice', properties: { deviceName: 'LT-Robin' } },
  ],
  [
    'a device whose owner they are',
    { kind: 'IoTDevice', properties: { owners: ['Sam Okafor', 'Robin Keller'] } },
  ],
  [
    'a virtual machine that has the name of theirs',
    {
      kind: 'AzureResource',
      properties: {
        resourceId: '/subscriptions/x/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/LT-Robin',
      },
    },
  ],
  [
    'a host that is known as such a virtual machine',
    {
      kind: 'Host',
      properties: {
        azureID: '/subscriptions/x/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/LT-Robin',
      },
    },
  ],
  [
    'a device that they were logged on to',
    {
      kind: 'Host',
      properties: {
        hostName: 'lt-4',
        additionalData: { LoggedOnUsers: [{ AccountName: 'rkeller', DomainName: 'CORP' }] },
      },
    },
  ],
  ['a second account name', account({ accountName: 'x', additionalData: { AccountName: 'CORP\\rkeller' } })],
  ['what an account is shown as', account({ accountName: 'x', friendlyName: 'Robin Keller' })],
  ['an account of which only the directory knows that it is theirs', account({ sid: SID_OF_ID })],
];
const others: readonly (readonly [string, Named])[] = [
  [
    'somebody else of their name, by object id',
    account({ accountName: 'rkeller', displayName: 'Robin Keller', aadUserId: SAM }),
  ],
  [
    'a command line that lists addresses',
    {
      kind: 'Process',
      properties: { processId: '1', commandLine: 'tool robin.keller@contoso.com r.keller@contoso.com' },
    },
  ],
  ['a file of their name', { kind: 'File', properties: { fileName: 'robin.keller@contoso.com' } }],
  [
    'a mail whose sender calls itself like them',
    { kind: 'MailMessage', properties: { p2Sender: 'x@fabrikam.com', p2SenderDisplayName: 'Robin Keller' } },
  ],
  [
    'the device of somebody else',
    { kind: 'Host', properties: { hostName: 'lt-3', additionalData: { AadDeviceId: SAMS } } },
  ],
  [
    'the device of somebody else that has the name of theirs',
    { kind: 'Host', properties: { hostName: 'lt-robin', additionalData: { AadDeviceId: SAMS } } },
  ],
  ['a device whose name begins like that of theirs', { kind: 'Host', properties: { hostName: 'lt-robin2' } }],
];

let responder: Responder;
const events: unknown[] = [];
/** Incidents that name Robin in one version, and not in another. */
const VERSIONS = ['grown', 'shrunk', 'closed'] as const;
const versions = {} as Record<(typeof VERSIONS)[number], Event>;
const QUIET = {
  kind: 'Host',
  name: '00000000-0000-4000-8000-00000000e0e0',
  properties: { additionalData: { MdatpDeviceId: QUIET_MACHINE } },
};
const ROBINS = { ...account({ accountName: 'robin.keller@contoso.com' }), name: QUIET.name };
beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      prepare(tenant);
      prepareVersions(tenant);
    },
  });
}, 60_000);
afterAll(async () => {
  expect(responder.simulator.unknownCalls()).toEqual([]);
  await responder.stop();
});

function prepare(tenant: Tenant): void {
  Object.assign(tenant.users.find(({ id }) => id === ROBIN.id) ?? {}, {
    mail: 'robin.keller@contoso.com',
    onPremisesSamAccountName: 'rkeller',
    onPremisesSecurityIdentifier: `${DOMAIN}-2001`,
    securityIdentifier: CLOUD_SID,
    proxyAddresses: [
      'SMTP:robin.keller@contoso.com',
      'smtp:r.keller@contoso.com',
      'smtp:robin.former@contoso.com',
    ],
    otherMails: ['robin@private.example'],
  });
  const { app } = tenant as unknown as { app: { permissions: { graph: string[] } } };
  app.permissions.graph.push('Directory.Read.All');
  const [machine] = tenant.machines;
  for (const [id, computerDnsName, aadDeviceId] of [
    [ROBINS_MACHINE, 'ws-9.corp.contoso.com', OWNED],
    [NAMED_MACHINE, 'LT-Robin.corp.contoso.com', null],
  ] as const) {
    tenant.machines.push({ ...machine, id, computerDnsName, aadDeviceId } as Tenant['machines'][number]);
  }
  const onboardingStatus = 'CanBeOnboarded';
  const quiet = { ...machine, id: QUIET_MACHINE, computerDnsName: 'ws-8.corp.contoso.com', onboardingStatus };
  tenant.machines.push({ ...quiet, aadDeviceId: OWNED } as unknown as Tenant['machines'][number]);
  const device = (deviceId: string, owners: string[], users: string[]) => ({
    id: deviceId,
    deviceId,
    displayName: deviceId === OWNED ? 'LT-ROBIN' : deviceId,
    owners,
    users,
  });
  Object.assign(tenant, {
    devices: [device(OWNED, [ROBIN.id], []), device(USED, [SAM], [ROBIN.id]), device(SAMS, [SAM], [SAM])],
  });
  for (const [, named] of [...theirs, ...others]) {
    events.push(anotherIncident(tenant, 'kind' in named ? [named] : []));
    const alerts = (tenant.incidents.at(-1)?.alerts ?? []) as { properties: Record<string, unknown> }[];
    if ('compromisedEntity' in named) Object.assign(alerts[0]?.properties ?? {}, named);
  }
}
function prepareVersions(tenant: Tenant): void {
  for (const name of VERSIONS) {
    versions[name] = anotherIncident(tenant);
    const incident = tenant.incidents.find((one) => one.name === nameOf(versions[name])) ?? expect.fail();
    if (name === 'shrunk') incident.entities = [QUIET];
    if (name !== 'closed') continue;
    incident.properties.status = 'Closed';
    incident.entities.push(ROBINS);
  }
}
const asked = async (i: number) => responder.asked(await responder.deliver(events[i]));

it.each(theirs.map(([what], i) => [what, i] as const))(
  '%s: they do not decide, and others do',
  async (_what, i) => {
    const request = await asked(i);
    const refused = await responder.decide(request, { by: 'Robin Keller' });
    expect(refused.json.code).toBe('own-incident');
    const other = await responder.decide(request, { kind: 'reject', reason: 'A test.' });
    expect(other.json.code).toBe('rejected');
  },
);

it.each(others.map(([what], i) => [what, theirs.length + i] as const))(
  '%s: they decide',
  async (_what, i) => {
    const { json } = await responder.decide(await asked(i), {
      by: 'Robin Keller',
      kind: 'reject',
      reason: 'A test.',
    });
    expect(json.code).toBe('rejected');
  },
);

it('the owner of a record of a newer version does not decide although the plan stays the same', async () => {
  const request = await responder.asked(await responder.deliver(versions.grown));
  change(responder, versions.grown, ({ entities }) => entities.push(QUIET));
  expect(await submit(responder, again(versions.grown))).toBe('updated');
  responder.leave();
  await noted(responder, request.instanceId, 'The plan stays the same');
  expect((await responder.decide(request, { by: 'Robin Keller' })).json.code).toBe('own-incident');
});

it.each(['shrunk', 'closed'] as const)(
  'nor the one whom an earlier version named for which nothing was proposed: %s',
  async (name) => {
    const id = await responder.deliver(versions[name]);
    const { outcome } = await responder.ended(id);
    expect(outcome).toBe(name === 'shrunk' ? 'no-action' : 'incident-closed');
    await responder.host.idle();
    change(responder, versions[name], (incident) => {
      const [model] = responder.tenant().incidents;
      incident.properties.status = 'Active';
      incident.entities = structuredClone(model?.entities.filter(isKind('Host')) ?? []);
    });
    responder.comeBack();
    expect(await submit(responder, again(versions[name]))).toBe('restarted');
    const request = await responder.asked(id);
    expect((await responder.decide(request, { by: 'Robin Keller' })).json.code).toBe('own-incident');
  },
);
