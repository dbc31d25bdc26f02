import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalRequestSchema } from '../../src/domain/approval.js';
import type { CaseFile, CaseView } from '../../src/domain/case-file.js';
import { renderComment } from '../../src/views/index.js';

const AT = '2026-03-10T08:12:05.000Z';
const playbook = { id: 'p', title: 'Ransomware', hash: 'h' };
function caseFile(text: string, n = 1): CaseFile {
  const times = <T>(make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
  return {
    schemaVersion: 1,
    revision: 7,
    incidentKey: '/subscriptions/x',
    origin: { kind: 'sentinel', armId: '/subscriptions/x' },
    instanceId: 'incident-1',
    generation: 1,
    title: text,
    severity: 'high',
    stage: 'confirming',
    receivedAt: AT,
    findings: times((i) => ({
      status: 'failed' as const,
      action: 'defender.device',
      as: text,
      entityKey: `host:${i}`,
      target: text,
      durationMs: 1,
      error: { code: 'forbidden', message: text, fault: 'service' as const, retry: 'no' as const },
    })),
    decision: {
      playbook: { ...playbook, title: text },
      conditions: times((i) => ({
        rule: `rule-${i}`,
        expression: text,
        result: 'true' as const,
        values: { [text]: text },
        because: [],
      })),
      summary: text,
    },
    plan: {
      incidentKey: '/subscriptions/x',
      hash: 'f',
      playbook,
      steps: times((i) => ({
        id: `step-${i}`,
        action: 'defender.isolate-device',
        title: text,
        entityKey: `host:${i}`,
        target: text,
        record: {
          kind: 'defender.machine' as const,
          id: text,
          name: text,
          foundBy: 'defender-id' as const,
          certainty: 'certain' as const,
          ids: {},
          agreed: [],
          unchecked: [],
        },
        input: {},
        mode: 'approval' as const,
        tier: 'analysts',
        risk: 'disruptive' as const,
        impact: text,
        reversible: true,
        undo: text,
        why: text,
      })),
      refused: times((i) => ({
        action: 'entra.disable-user',
        title: text,
        entityKey: `account:${i}`,
        target: text,
        code: 'weak-identity' as const,
        reason: text,
      })),
      tiers: [],
    },
    approvals: [],
    decisions: times((i) => ({
      decision: {
        id: `d-${i}`,
        requestId: 'incident-1.analysts',
        kind: 'approve' as const,
        revision: 1,
        planHash: 'f',
        steps: ['step-0'],
        reason: text,
        by: { kind: 'person' as const, objectId: 'a', name: text, channel: 'web' as const },
        at: AT,
      },
      outcome: { accepted: true as const, code: 'approved' as const, message: text },
      evaluatedAt: AT,
    })),
    effects: times((i) => ({
      stepId: `step-${i}`,
      action: 'defender.isolate-device',
      target: text,
      state: 'confirmed' as const,
      proof: text,
      at: AT,
    })),
    outcome: 'remediated',
    timeline: times((i) => ({ at: AT, stage: i % 2 ? ('enriching' as const) : ('reading' as const), text })),
  };
}
const view = (file: CaseFile): CaseView => file as CaseView;

describe('the comment', () => {
  it('starts with the outcome, then lists responses with their proof', () => {
    const text = renderComment(view(caseFile('WS-1 & co')));
    expect(text).toMatch(/^<h3>Sentinel Responder: remediated<\/h3>/);
    expect(text).toContain('confirmed. WS-1 &amp; co');
  });

  it('shows for each step the state of its request, and why a request may never be approved', () => {
    const { plan, ...file } = caseFile('step');
    const request = approvalRequestSchema.parse({
      id: 'incident-1.analysts',
      instanceId: 'incident-1',
      generation: 1,
      tier: 'analysts',
      purpose: 'respond',
      revision: 1,
      planHash: 'f',
      stepIds: ['step-0'],
      approvers: { groups: [], people: [], automation: [] },
      managersMayDecide: true,
      approvalsNeeded: 2,
      fourEyes: true,
      requestedAt: AT,
      expiresAt: AT,
      onDeadline: { do: 'nothing' },
      nextCheckAt: AT,
      channels: [],
      reminders: [],
      escalations: [],
      extensions: [],
      extension: { byMs: 1, times: 0 },
      votes: [],
      state: 'waiting',
      selected: [],
      warnings: ['The group <SOC> does not exist.'],
      cards: [],
    });
    const shown = (state: typeof request.state) =>
      renderComment(
        view({ ...file, ...(plan && { plan }), effects: [], approvals: [{ ...request, state }] }),
      );
    expect(shown('waiting')).toContain('The group &lt;SOC&gt; does not exist.');
    expect(shown('waiting')).toContain('proposed, waiting for an analyst');
    expect(shown('rejected')).toContain(': rejected');
    expect(shown('expired')).toContain('not decided in time');
    expect(shown('superseded')).toContain('not decided: the request was superseded');
    const [effect] = caseFile('step').effects;
    if (effect === undefined) throw new Error('there is one');
    const undone = {
      ...effect,
      undo: { state: 'confirmed', because: 'decision', proof: 'released', at: AT } as const,
    };
    const comment = renderComment(view({ ...file, ...(plan && { plan }), effects: [undone] }));
    expect(comment).toContain('was undone. released');
    expect(comment).not.toContain('confirmed');
  });

  it('holds nothing of the incident as markup, whatever is in it', () => {
    const bare = renderComment(view(caseFile('x'))).match(/<[^>]*>/g);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const tags = renderComment(view(caseFile(`<img src=x onerror=1>${text}`))).match(/<[^>]*>/g);
        expect(tags).toEqual(bare);
      }),
    );
  });

  it('never exceeds the length limit of Sentinel', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 3_000 }), (n, length) => {
        expect(renderComment(view(caseFile('<&>'.repeat(length), n))).length).toBeLessThanOrEqual(30_000);
      }),
      { numRuns: 40 },
    );
  });
});
