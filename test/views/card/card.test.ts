import { AdaptiveCard, SerializationContext } from 'adaptivecards';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { type CaseView, outcomeSchema } from '../../../src/domain/case-file.js';
import { targetWords } from '../../../src/domain/target.js';
import { approvalCard, markdown, plain, sizeOf, summaryOf } from '../../../src/views/card/index.js';
import { NOW, REQUEST, STATES, type State, VIEW } from './states.js';

const cardOf = ({ view, request, undo, notice }: State) =>
  approvalCard({
    view,
    request,
    undo,
    notice,
    now: NOW,
    tokens: { request: 'k0.0.token-of-the-request', undo: undo && 'k0.0.token-of-the-undo' },
    links: { page: `https://responder.contoso.com/approvals/${request.id}` },
  });

/** Errors of the renderer's own parser. */
function problems(card: object): string[] {
  const context = new SerializationContext();
  new AdaptiveCard().parse(card, context);
  const events = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
  // The parser's regular expression for languages is stateful and rejects every second use.
  return events.filter((message) => message !== 'Invalid value "en" for property "lang".');
}

/** All texts of a card that clients read as Markdown. */
function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    ['text', 'title', 'label', 'fallbackText'].includes(key) && typeof part === 'string'
      ? [part]
      : texts(part),
  );
}

const renderer = new MarkdownIt({ html: true });
const TAGS = /<(?!\/?(?:p|strong)>)[a-z/!]/i;

describe('the card', () => {
  it.each(Object.entries(STATES))('%s matches its golden file', async (name, state) => {
    const card = cardOf(state);
    expect(problems(card)).toEqual([]);
    expect(sizeOf(card)).toBeLessThan(40 * 1024);
    await expect(`${JSON.stringify(card, null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.json`);
  });

  it('offers decisions only while they are possible', () => {
    const verbs = (state: State) => JSON.stringify(cardOf(state)).match(/sentinel\.\w+/g) ?? [];
    expect(new Set(verbs(STATES.pending as State))).toEqual(
      new Set(['sentinel.refresh', 'sentinel.approve', 'sentinel.reject', 'sentinel.extend']),
    );
    expect(verbs(STATES.extended as State)).not.toContain('sentinel.extend');
    expect(verbs(STATES.done as State)).toEqual(['sentinel.undo']);
    for (const name of ['executing', 'failed', 'rejected', 'expired', 'superseded', 'undone'])
      expect(verbs(STATES[name] as State)).toEqual([]);
  });

  it('is green only for a remediated incident without manual actions', () => {
    const { view, ...done } = STATES.done as State;
    if (view.plan === undefined) throw new Error('no plan');
    const isGreen = (changes: Partial<CaseView>): boolean =>
      JSON.stringify(cardOf({ ...done, view: { ...view, ...changes } })).includes('"style":"good"');
    for (const outcome of outcomeSchema.options) {
      expect(isGreen({ outcome }), `${outcome}, and something is left`).toBe(false);
      expect(isGreen({ outcome, plan: { ...view.plan, refused: [] } }), outcome).toBe(
        outcome === 'remediated',
      );
    }
  });

  it('does not preselect irreversible or destructive steps', () => {
    const [choice] =
      JSON.stringify(cardOf(STATES.pending as State)).match(/"value":"[\d,]*","choices"/) ?? [];
    expect(choice).toContain('"value":"0"');
  });

  it('shows no link from the incident that does not lead to Microsoft', () => {
    expect(JSON.stringify(cardOf(STATES.hostile as State))).not.toContain('portal.azure.com');
  });

  it.each([
    [1, 5_000],
    [500, 5_000],
  ])('with %i steps and texts of %i characters stays below 40 KB', (count, length) => {
    const [step] = VIEW.plan?.steps ?? [];
    if (VIEW.plan === undefined || step === undefined) throw new Error('no plan');
    const long = '_[漢<&'.repeat(length / 5);
    const steps = Array.from({ length: count }, (_, i) => ({
      ...step,
      id: `s:${i}`,
      title: long,
      target: long,
      impact: long,
      undo: long,
    }));
    const request = { ...REQUEST, stepIds: steps.map(({ id }) => id), warnings: [long, long] };
    const view = { ...VIEW, title: long, description: long, plan: { ...VIEW.plan, steps } };
    const card = cardOf({ view, request });
    expect(sizeOf(card)).toBeLessThan(40 * 1024);
    expect(problems(card)).toEqual([]);
    expect(summaryOf({ view, request }).length).toBeLessThan(300);
  });
});

describe('the shortest card', () => {
  it.each([
    ['a long name', `${'a'.repeat(63)}.corp.contoso.com`],
    ['a name that escaping makes long', 'www.10.0.0.1.'.repeat(20)],
  ])('names the record with its id, for %s', (_what, name) => {
    const [step] = VIEW.plan?.steps ?? [];
    if (VIEW.plan === undefined || step === undefined) throw new Error('no plan');
    const id = '0142fade'.repeat(5);
    const target = targetWords({ name, id }, `${name}, or so`);
    const long = 'Long words. '.repeat(400);
    const steps = Array.from({ length: 500 }, (_, i) => ({
      ...step,
      id: `s:${i}`,
      target,
      impact: long,
      undo: long,
    }));
    const request = { ...REQUEST, stepIds: steps.map((one) => one.id), warnings: [long, long] };
    const view = { ...VIEW, title: long, description: long, plan: { ...VIEW.plan, steps } };
    const asking = JSON.stringify(cardOf({ view, request }));
    const over = JSON.stringify(cardOf({ view, request: { ...request, state: 'approved' } }));
    for (const card of [asking, over]) expect(card.split(id).length).toBeGreaterThan(5);
  });
});

describe('hostile text', () => {
  it('has no meaning anywhere in a card', () => {
    const all = texts(cardOf(STATES.hostile as State).body);
    expect(all.length).toBeGreaterThan(10);
    for (const text of all) {
      const ours = text.replace(/\{\{(?:TIME|DATE)\([\dTZ:-]+(?:, SHORT)?\)\}\}/g, '');
      expect(ours).not.toContain('{{');
      expect(renderer.render(ours)).not.toMatch(TAGS);
    }
  });

  it('is plain text after rendering, for any input', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[[\]()<>!*_`#~&:/.\\a-z{}|"'=@ -]*$/)),
        (text) => {
          const html = renderer.renderInline(markdown(text, 200));
          expect(html).not.toMatch(/<(?!br)[a-z/!]/i);
          expect(renderer.renderInline(plain(text, 200))).not.toMatch(/<(?!br|\/?em>|\/?strong>)[a-z/!]/i);
          expect(plain(text, 200)).not.toContain('{{');
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['https://evil.contoso.com/a?b', 'hxxps://evil[.]contoso[.]com/a?b'],
    ['198.51.100.77', '198.51.100[.]77'],
    ['www.fabrikam.com', 'www[.]fabrikam.com'],
    ['ftp://x', 'ftp[:]//x'],
    ['a\u0000b\u202Ec\nd\u200B', 'a b c d'],
    ['dana.ortiz@contoso.com', 'dana.ortiz@contoso.com'],
  ])('%j is shown as %j', (text, shown) => {
    expect(renderer.renderInline(markdown(text, 100))).toBe(shown);
  });

  it('is cut by characters', () => {
    expect(plain('a'.repeat(500), 10)).toBe(`${'a'.repeat(9)}…`);
  });
});
