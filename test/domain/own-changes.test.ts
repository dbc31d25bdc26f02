import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Effect } from '../../src/domain/case-file.js';
import type { Incident } from '../../src/domain/incident.js';
import type { IncidentChange } from '../../src/domain/incident-change.js';
import { ownChangesOf, withoutOwnChanges } from '../../src/domain/own-changes.js';

type File = Parameters<typeof ownChangesOf>[0];
type Field = 'severity' | 'status' | 'label';
const SEVERITIES = ['high', 'medium', 'low'] as const;

/** What happens to one field. `to` chooses the severity. After each event the incident is read. */
const event = fc.record({
  what: fc.constantFrom('own', 'own fails', 'was so already', 'undo', 'person', 'person reverts'),
  field: fc.constantFrom<Field>('severity', 'status', 'label'),
  to: fc.constantFrom(...SEVERITIES),
});
type Event = { what: string; field: Field; to: (typeof SEVERITIES)[number] };

class World {
  /** The incident, and the incident as it would be if the responder had only looked. */
  raw = { severity: 'high', status: 'active', label: false };
  theirs = { ...this.raw };
  #steps: { id: string; changes: IncidentChange }[] = [];
  #effects: (Effect & { field: Field; before: unknown })[] = [];
  #ended: string[] = [];

  get #incident(): Incident {
    const { severity, status, label } = this.raw;
    const closing = { classification: 'TruePositive', classificationReason: 'SuspiciousActivity' };
    const labels = label ? [{ name: 'Contained', auto: false }] : [];
    return { severity, status, labels, ...(status === 'closed' ? closing : {}) } as unknown as Incident;
  }

  get #file(): File {
    const plan = { steps: this.#steps } as unknown as File['plan'];
    return { generation: 1, plan, effects: this.#effects, ownEnded: this.#ended };
  }

  read() {
    const seen = withoutOwnChanges(this.#incident, ownChangesOf(this.#file));
    this.#ended.push(...seen.ended);
    const { severity, status, labels } = seen.incident;
    return { severity, status, label: labels.length > 0 };
  }

  happen({ what, field, to }: Event): void {
    const value = field === 'severity' ? to : field === 'status' ? 'closed' : true;
    const isThere = this.raw[field] === value;
    if (what === 'undo') this.#undo(field);
    else if (what === 'own fails') this.#step(field, value, 'failed');
    else if (what === 'was so already') {
      if (isThere) this.#step(field, value, 'already-done');
    } else if (what === 'own') {
      if (isThere) return;
      this.#step(field, value, 'confirmed');
      Object.assign(this.raw, { [field]: value });
    } else {
      const next =
        what === 'person' ? value : field === 'status' ? 'active' : field === 'label' ? false : 'low';
      // That they set what is set cannot be seen.
      if (this.raw[field] === next) return;
      Object.assign(this.raw, { [field]: next });
      Object.assign(this.theirs, { [field]: next });
    }
  }

  #step(field: Field, value: unknown, state: Effect['state']): void {
    const id = `step ${this.#steps.length}`;
    const changes = {
      severity: { field: 'severity', from: this.raw.severity, to: value },
      status: { field: 'status', to: 'closed', classification: 'TruePositive', reason: 'SuspiciousActivity' },
      label: { field: 'label', to: 'contained' },
    }[field] as IncidentChange;
    this.#steps.push({ id, changes });
    const rest = { stepId: id, action: 'a', target: 't', at: `${this.#steps.length}` };
    this.#effects.push({ ...rest, state, field, before: this.raw[field] });
  }

  /** The last one, if it is still there. */
  #undo(field: Field): void {
    const effect = this.#effects.findLast(
      (one) => one.field === field && one.state === 'confirmed' && !one.undo,
    );
    if (effect === undefined) return;
    const { changes } = this.#steps.find(({ id }) => id === effect.stepId) ?? {};
    const set = changes?.field === 'label' ? true : changes?.to;
    const isTheirs = this.#ended.includes(`1 ${effect.stepId} ${effect.at}`);
    const isOurs = this.raw[field] === set && !isTheirs;
    if (isOurs) Object.assign(this.raw, { [field]: effect.before });
    effect.undo = { state: isOurs ? 'confirmed' : 'not-ours', because: 'decision', at: effect.at };
  }
}

it('hides what the responder has in force, and nothing that people have decided', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 14 }), (events) => {
      const world = new World();
      for (const one of events) {
        world.happen(one);
        expect(world.read()).toEqual(world.theirs);
      }
    }),
    { seed: 14, numRuns: 500 },
  );
});

it('shows who has closed the incident again, with another classification', () => {
  const own = [
    {
      id: '1',
      change: { field: 'status', to: 'closed', classification: 'TruePositive' } as const,
      isProved: true,
    },
  ];
  const closed = { status: 'closed', labels: [], severity: 'high', classification: 'FalsePositive' };
  const seen = withoutOwnChanges(closed as unknown as Incident, own);
  expect([seen.incident.status, seen.ended]).toEqual(['closed', ['1']]);
});
