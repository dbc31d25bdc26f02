/** Every state of the closed sets has words, and all channels use the same. */
import { describe, expect, it } from 'vitest';
import { phraseHtml } from '../../src/app/page/components.js';
import { stepCards } from '../../src/app/page/steps.js';
import { resultLines } from '../../src/cli/result-lines.js';
import {
  acceptedCodeSchema,
  channelSchema,
  decisionKindSchema,
  requestStateSchema,
} from '../../src/domain/approval.js';
import {
  type CaseFile,
  type CaseView,
  type Effect,
  effectSchema,
  outcomeSchema,
  stageSchema,
  undoEffectSchema,
} from '../../src/domain/case-file.js';
import { caseAlarmSchema } from '../../src/domain/case-record.js';
import { conditionResultSchema, planStepSchema } from '../../src/domain/plan.js';
import { severitySchema } from '../../src/domain/severity.js';
import { approvalCard } from '../../src/views/card/index.js';
import { briefing, renderComment } from '../../src/views/index.js';
import {
  ALARMS,
  CONDITION_RESULTS,
  OUTCOMES,
  RISKS,
  SEVERITIES,
  STAGES,
} from '../../src/views/words/case.js';
import { CHANNELS, DECISIONS } from '../../src/views/words/decision.js';
import { EFFECTS, NOT_STARTED, progressState, UNDOS } from '../../src/views/words/effect.js';
import { phraseText } from '../../src/views/words/phrase.js';
import { REQUEST_STATES, requestWords } from '../../src/views/words/request.js';
import { ALEX, NOW, REQUEST, STATES, VIEW } from './card/states.js';

const AT = '2026-03-10T08:20:00.000Z';
const [STEP] = VIEW.plan?.steps ?? [];
const PROOF = 'The state was read back.';
const effect = (state: Effect['state'], more: Partial<Effect> = {}): Effect => ({
  stepId: STEP?.id ?? '',
  action: STEP?.action ?? '',
  target: STEP?.target ?? '',
  state,
  proof: 'The first proof.',
  at: AT,
  ...more,
});

it.each([
  ['outcome', outcomeSchema.options, OUTCOMES],
  ['stage', stageSchema.options, STAGES],
  ['severity', severitySchema.options, SEVERITIES],
  ['risk', planStepSchema.shape.risk.options, RISKS],
  ['condition', conditionResultSchema.options, CONDITION_RESULTS],
  ['alarm', caseAlarmSchema.shape.code.options, ALARMS],
  ['effect', effectSchema.shape.state.options, EFFECTS],
  ['undo', undoEffectSchema.shape.state.options, UNDOS],
  ['step not started', requestStateSchema.options, NOT_STARTED],
  ['request', requestStateSchema.options, REQUEST_STATES.respond],
  ['undo request', requestStateSchema.options, REQUEST_STATES.undo],
  ['decision', decisionKindSchema.options, DECISIONS],
  ['channel', channelSchema.options, CHANNELS],
])('every %s has words', (_subject, states, words) => {
  expect(Object.keys(words).sort()).toEqual([...states].sort());
  // A code like `not-ours` is no wording.
  for (const text of JSON.stringify(words).match(/"(?:words|did|to)":"[^"]*"/g) ?? [])
    expect(text).not.toMatch(/:"[a-z]+-[a-z-]+"/);
});

describe('the state of an effect', () => {
  const undos = undoEffectSchema.shape.state.options;
  const cases: [string, Effect][] = [
    ...effectSchema.shape.state.options.map((state): [string, Effect] => [
      state,
      effect(state, { proof: PROOF }),
    ]),
    ...undos.map((state): [string, Effect] => [
      `confirmed, undo ${state}`,
      effect('confirmed', { undo: { state, because: 'decision', proof: PROOF, at: AT } }),
    ]),
    ['ended by others', effect('confirmed', { endedByOthers: { at: AT, reason: PROOF } })],
  ];

  it.each(cases)('%s has the same words and proof on comment, page, card and terminal', (_name, one) => {
    const request = { ...REQUEST, state: 'approved' as const, selected: [one.stepId] };
    const view: CaseView = { ...VIEW, approvals: [request], effects: [one], outcome: 'partly-remediated' };
    const [step] = briefing(view).steps;
    const { words = '', proof = '' } = step?.state ?? {};
    expect(proof).toBe(PROOF);
    const card = approvalCard({
      view,
      request,
      undo: undefined,
      now: NOW,
      tokens: { request: 't' },
      links: {},
    });
    const screens = {
      comment: renderComment(view),
      page: stepCards(briefing(view).steps)?.text ?? '',
      card: JSON.stringify(card).replaceAll('\\', ''),
      terminal: resultLines({ ...view, findings: [], timeline: [] } satisfies CaseFile, undefined, {
        paint: (_, text) => text,
      }).join(''),
    };
    for (const [channel, screen] of Object.entries(screens)) {
      expect(screen.toLowerCase(), channel).toContain(words.toLowerCase());
      expect(screen, channel).toContain(PROOF.slice(0, -1));
      expect(screen, `${channel}: the first proof is outdated`).not.toContain('The first proof');
    }
  });

  it('is green only while the effect is in force', () => {
    for (const undo of undos) {
      const [step] = briefing({
        ...VIEW,
        effects: [effect('confirmed', { undo: { state: undo, because: 'decision', at: AT } })],
      }).steps;
      expect(step?.state.tone, undo).not.toBe('good');
    }
  });

  it('has the same words while a call reports it', () => {
    for (const state of effectSchema.shape.state.options)
      expect(progressState(state)).toEqual(EFFECTS[state]);
    for (const state of undos) expect(progressState(`undo ${state}`)).toEqual(UNDOS[state]);
    expect(progressState('pending')).toEqual(EFFECTS.requested);
  });
});

describe('the state of a request', () => {
  it.each(requestStateSchema.options)('%s is the same on card and page', (state) => {
    const request = { ...REQUEST, state, selected: state === 'approved' ? REQUEST.stepIds.slice(0, 1) : [] };
    const view: CaseView = { ...VIEW, approvals: [request], effects: [] };
    const { words, sentences } = requestWords(view, request);
    const card = approvalCard({
      view,
      request,
      undo: undefined,
      now: NOW,
      tokens: { request: 't' },
      links: {},
    });
    expect(card.fallbackText).toContain(words);
    expect(briefing(view).requests[0]?.state.words).toBe(words);
    if (state !== 'waiting') expect(sentences.map(phraseText).join(' ')).toMatch(/\.$/);
  });

  it('says who decided and how long it took', () => {
    const state = STATES.rejected;
    if (state === undefined) throw new Error('no state');
    const text = requestWords(state.view, state.request).sentences.map(phraseText).join(' ');
    expect(text).toMatch(/^Rejected by Megan Ruiz \(Teams\) at 2026-03-10 08:18 UTC, after 4 min\. Reason: /);
  });

  it('keeps values apart from words, for each channel to escape', () => {
    const name = '<b>Alex</b> **x**';
    const request = { ...REQUEST, escalations: [{ to: name, at: AT }] };
    const [phrase = []] = requestWords(VIEW, request).sentences;
    expect(phraseText(phrase)).toContain(name);
    expect(phraseHtml(phrase).text).toContain('&lt;b&gt;Alex&lt;/b&gt;');
  });
});

it('an accepted decision is worded by its kind, never by its code', () => {
  for (const kind of decisionKindSchema.options) {
    const decision = {
      id: 'd',
      requestId: REQUEST.id,
      kind,
      revision: 1,
      planHash: '',
      steps: [],
      by: ALEX,
      at: AT,
    };
    for (const code of acceptedCodeSchema.options) {
      const outcome = { accepted: true as const, code, message: '' };
      const view = { ...VIEW, decisions: [{ decision, outcome, evaluatedAt: AT }] };
      const [line = []] = briefing(view).decisions;
      expect(phraseText(line)).toContain(`Alex Kim (Teams) ${DECISIONS[kind].did} at 2026-03-10 08:20 UTC`);
    }
  }
});
