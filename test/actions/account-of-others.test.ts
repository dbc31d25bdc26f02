/** An account is enabled again only where the audit log shows that the responder disabled it last. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import disable from '../../src/actions/entra/disable-user.js';
import enable from '../../src/actions/entra/enable-user.js';
import { confirmUndo, runResponse, undoResponse } from '../../src/actions/run.js';
import { type Contoso, DANA, failing, GRAPH, withContoso } from './contoso.js';

const dana = { objectId: DANA, upn: 'dana.ortiz@contoso.com' };
const AUDITS = /directoryAudits$/;
type Action = typeof disable;
const isEnabled = (contoso: Contoso) => contoso.state().users.find(({ id }) => id === DANA)?.accountEnabled;

function changeByAnotherUser(contoso: Contoso, enabled: boolean): void {
  contoso.clock.advance(600);
  contoso.change((state) => {
    for (const user of state.users) if (user.id === DANA) user.accountEnabled = enabled;
  });
}

async function run(contoso: Contoso, action: Action = disable, incident = 'first') {
  const context = contoso.context(action.name, incident);
  const first = await runResponse(action, dana, context);
  const done =
    first.ok && first.value.state === 'prechecked'
      ? await runResponse(action, dana, { ...context, prechecked: true })
      : first;
  if (!done.ok || done.value.state === 'prechecked') throw new Error('not done');
  return done.value.output;
}

const undo = (contoso: Contoso, output: unknown, others: readonly unknown[] = [], action: Action = disable) =>
  undoResponse(action, dana, output, contoso.context(action.name, 'first'), others);

describe.concurrent('undoing that a user was disabled', () => {
  it('does not enable a user that someone else enabled and disabled again', () =>
    withContoso([], async (contoso) => {
      const output = await run(contoso);
      changeByAnotherUser(contoso, true);
      changeByAnotherUser(contoso, false);
      expect(await undo(contoso, output)).toMatchObject({
        value: {
          state: 'not-ours',
          reason: expect.stringContaining('somebody.else@contoso.com changed that'),
        },
      });
      expect(isEnabled(contoso)).toBe(false);
    }));

  it('leaves the undo to an analyst if the app may not read the audit log', () =>
    withContoso([], async (contoso) => {
      const output = await run(contoso);
      contoso.change(({ app }) => {
        app.permissions.graph = app.permissions.graph.filter((name) => name !== 'AuditLog.Read.All');
      });
      expect(await undo(contoso, output)).toMatchObject({
        ok: false,
        error: {
          code: 'undo-unclear',
          retry: 'no',
          message: expect.stringContaining('AuditLog.Read.All'),
          next: expect.stringContaining('by hand'),
        },
      });
      expect(isEnabled(contoso)).toBe(false);
    }));

  it.each([
    ['another app', 'in the same minutes', 30],
    ['another app', 'later', 900],
  ])('does not enable a user that %s enabled and disabled again %s', (_who, _when, after) =>
    withContoso([], async (contoso) => {
      const output = await run(contoso);
      const at = (seconds: number) => new Date(contoso.clock.now() + seconds * 1000).toISOString();
      const [, enabled, disabled] = [0, after, after * 2].map(at);
      contoso.change(({ directoryAudits }) => {
        const [ours] = directoryAudits;
        if (ours === undefined) throw new Error('there is an entry');
        const initiatedBy = { app: { displayName: 'another-app' }, user: null };
        directoryAudits.push(
          {
            ...ours,
            id: 'x1',
            activityDisplayName: 'Enable account',
            activityDateTime: enabled ?? '',
            initiatedBy,
          },
          { ...ours, id: 'x2', activityDateTime: disabled ?? '', initiatedBy },
        );
      });
      const undone = await undo(contoso, output);
      expect(undone.ok && undone.value.state).not.toBe('requested');
      expect(isEnabled(contoso)).toBe(false);
    }),
  );

  it.each([
    ['does not show the change yet', 'audit-log-behind', 'later'],
    ['has more than it answered', 'incomplete-answer', 'no'],
  ] as const)('does nothing where the audit log %s', (_when, code, retry) =>
    withContoso([], async (contoso) => {
      const output = await run(contoso);
      if (code === 'audit-log-behind') {
        contoso.change((state) => {
          state.directoryAudits = [];
        });
      } else {
        contoso.simulator.addFault(failing(GRAPH, AUDITS, { kind: 'part' }));
      }
      expect(await undo(contoso, output)).toMatchObject({ ok: false, error: { code, retry } });
      expect(isEnabled(contoso)).toBe(false);
    }),
  );

  it.each([
    ['the same call', {}, true],
    ['another call', { correlationId: '00000000-0000-4000-8000-00000000c001' }, false],
    ['another app', { initiatedBy: { app: { displayName: 'another-app' }, user: null } }, false],
    ['another time', { activityDateTime: 'later' }, false],
  ])('knows the two entries of one change for one: the second is of %s', (_what, other, undone) =>
    withContoso([], async (contoso) => {
      const output = await run(contoso);
      const later = new Date(contoso.clock.now() + 60_000).toISOString();
      contoso.change(({ directoryAudits }) => {
        const [ours] = directoryAudits;
        if (ours === undefined) throw new Error('there is an entry');
        const [target] = ours.targetResources;
        if (target === undefined) throw new Error('it has a target');
        const update = {
          ...ours,
          id: 'update',
          activityDisplayName: 'Update user',
          targetResources: [{ ...target, modifiedProperties: [{ displayName: 'AccountEnabled' }] }],
          ...other,
        };
        if (update.activityDateTime === 'later') update.activityDateTime = later;
        directoryAudits.push(update);
      });
      const result = await undo(contoso, output);
      expect(result.ok && result.value.state === 'requested').toBe(undone);
      expect(isEnabled(contoso)).toBe(undone);
    }),
  );

  it('enables a user that another incident disabled and no longer relies on', () =>
    withContoso([], async (contoso) => {
      const first = await run(contoso, disable, 'second');
      const output = await run(contoso);
      expect(output).toMatchObject({ changed: false });
      expect(await undo(contoso, output)).toMatchObject({ value: { state: 'not-ours' } });
      expect(await undo(contoso, output, [first])).toMatchObject({ value: { state: 'requested' } });
      expect(isEnabled(contoso)).toBe(true);
    }));

  it('does not claim to have enabled a user who was enabled meanwhile', () =>
    withContoso([], async (contoso) => {
      const output = await run(contoso);
      changeByAnotherUser(contoso, true);
      expect(await undo(contoso, output)).toMatchObject({
        value: { state: 'requested', evidence: { before: 'enabled, by us or by somebody else' } },
      });
      expect(await confirmUndo(disable, dana, output, contoso.context(disable.name, 'first'))).toMatchObject({
        value: { state: 'confirmed' },
      });
    }));

  it('does not disable a user that someone else disabled and enabled again, for the opposite response', () =>
    withContoso([], async (contoso) => {
      changeByAnotherUser(contoso, false);
      const output = await run(contoso, enable);
      changeByAnotherUser(contoso, false);
      changeByAnotherUser(contoso, true);
      expect(await undo(contoso, output, [], enable)).toMatchObject({ value: { state: 'not-ours' } });
      expect(isEnabled(contoso)).toBe(true);
    }));
});

const change = fc.oneof(
  fc.boolean().map((enabled) => ({ who: 'somebody' as const, enabled })),
  fc.boolean().map((doing) => ({ who: 'us' as const, doing })),
);

it('never enables a user that someone else disabled last, in any order', () =>
  fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 2, maxLength: 8 }), (changes) =>
      withContoso([], async (contoso) => {
        let output: unknown;
        let disabledBy: 'us' | 'somebody' | undefined;
        for (const one of changes) {
          const before = isEnabled(contoso);
          if (one.who === 'somebody') {
            changeByAnotherUser(contoso, one.enabled);
            if (before && !one.enabled) disabledBy = 'somebody';
          } else if (one.doing) {
            output = await run(contoso);
            if (before) disabledBy = 'us';
          } else if (output !== undefined) {
            await undo(contoso, output);
            if (!before && disabledBy === 'somebody') expect(isEnabled(contoso)).toBe(false);
          }
        }
      }),
    ),
    { numRuns: 50 },
  ));
