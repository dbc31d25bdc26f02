/** Fields of an incident: what others write at the same time, or have written since the approval, stays. */
import type { TenantState } from 'tenant-simulator';
import { describe, expect, it } from 'vitest';
import type { Response } from '../../src/actions/define.js';
import { resolveTarget, undoResponse } from '../../src/actions/run.js';
import addLabel from '../../src/actions/sentinel/add-label.js';
import assignOwner from '../../src/actions/sentinel/assign-owner.js';
import close from '../../src/actions/sentinel/close.js';
import setSeverity from '../../src/actions/sentinel/set-severity.js';
import { ARM, ARM_ID, type Contoso, DANA, failing, withContoso } from './contoso.js';
import { type Approved, act } from './contract/act.js';
import { changeIncident } from './contract/tenant-changes.js';

const INCIDENT = /\/incidents\/[^/]+$/i;
const properties = (contoso: Contoso) => contoso.state().incidents[0]?.properties ?? ({} as never);
const before = (state: TenantState) =>
  changeIncident({ description: 'Says more.', labels: [{ labelName: 'vip', labelType: 'User' }] })(state);

async function approved(action: unknown, settings: object, contoso: Contoso): Promise<Approved> {
  const response = action as Response;
  const found = await resolveTarget(response, { armId: ARM_ID }, contoso.context(response.name, 'target'));
  if (!found.ok || !found.value.ok) throw new Error('not found');
  const { input, record } = found.value;
  return { input: { ...Object(input), settings }, record };
}
const run = (action: unknown, given: Approved, contoso: Contoso) => act(action as Response, given, contoso);

describe.concurrent('a field of an incident', () => {
  it('is written on top of what others have written meanwhile', () =>
    withContoso([], async (contoso) => {
      contoso.change(before);
      const given = await approved(addLabel, { label: 'contained' }, contoso);
      contoso.simulator.addFault(failing(ARM, INCIDENT, { kind: 'status', status: 412 }, 'PUT', 2));
      contoso.change(changeIncident({ severity: 'Medium', owner: { objectId: DANA } }));
      expect(await run(addLabel, given, contoso)).toMatchObject({ ok: true, value: { state: 'requested' } });
      expect(properties(contoso)).toMatchObject({
        ...{ title: 'Ransomware precursor', description: 'Says more.', severity: 'Medium' },
        owner: { objectId: DANA },
        labels: [{ labelName: 'vip' }, { labelName: 'contained' }],
      });
    }));

  it.each([
    [setSeverity, { severity: 'Low' }, { severity: 'Medium' }],
    [assignOwner, { objectId: DANA, name: 'Dana' }, { owner: { objectId: 'another' } }],
    [
      close,
      { classification: 'TruePositive', reason: 'SuspiciousActivity' },
      { status: 'Closed', classification: 'Undetermined' },
    ],
  ] as const)('is left to who changed it after the approval: %#', (action, settings, change) =>
    withContoso([], async (contoso) => {
      const given = await approved(action, settings, contoso);
      contoso.change(changeIncident(change as never));
      expect(await run(action, given, contoso)).toMatchObject({
        ok: false,
        error: { code: 'changed-meanwhile', retry: 'no' },
      });
      expect(contoso.writes()).toEqual([]);
    }),
  );

  it('is closed although another step has made it active meanwhile', () =>
    withContoso([], async (contoso) => {
      const settings = { classification: 'TruePositive', reason: 'SuspiciousActivity' };
      const given = await approved(close, settings, contoso);
      contoso.change(changeIncident({ status: 'Active' }));
      expect(await run(close, given, contoso)).toMatchObject({ ok: true, value: { state: 'requested' } });
      expect(properties(contoso)).toMatchObject({
        status: 'Closed',
        classificationReason: 'SuspiciousActivity',
      });
    }));

  it('is not restored once somebody has changed it again', () =>
    withContoso([], async (contoso) => {
      const given = await approved(setSeverity, { severity: 'Low' }, contoso);
      const ran = await run(setSeverity, given, contoso);
      contoso.change(changeIncident({ severity: 'Informational' }));
      const context = contoso.context(setSeverity.name, 'target');
      const output = ran.ok ? ran.value.output : undefined;
      expect(await undoResponse(setSeverity as Response, given.input, output, context)).toMatchObject({
        ok: true,
        value: { state: 'not-ours', reason: expect.stringContaining('Informational') },
      });
      expect(properties(contoso).severity).toBe('Informational');
    }));

  it('keeps the labels that others have added when its own is taken away', () =>
    withContoso([], async (contoso) => {
      const given = await approved(addLabel, { label: 'contained' }, contoso);
      const ran = await run(addLabel, given, contoso);
      contoso.change(({ incidents: [one] }) => one?.properties.labels.push({ labelName: 'theirs' }));
      const context = contoso.context(addLabel.name, 'target');
      const output = ran.ok ? ran.value.output : undefined;
      expect(await undoResponse(addLabel as Response, given.input, output, context)).toMatchObject({
        ok: true,
      });
      expect(properties(contoso).labels).toMatchObject([{ labelName: 'theirs' }]);
    }));

  it.each([
    [{ classification: 'TruePositive', reason: 'InaccurateData' }],
    [{ classification: 'FalsePositive' }],
    [{ classification: 'Undetermined', reason: 'SuspiciousActivity' }],
  ])('has no reason that does not fit its classification: %j', (settings) => {
    expect(close.settings?.schema.safeParse(settings).success).toBe(false);
  });
});
