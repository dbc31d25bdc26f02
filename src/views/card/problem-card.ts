import type { CaseProblem } from '../../approvals/case-problem.js';
import type { CaseView } from '../../domain/case-file.js';
import { type AdaptiveCard, text } from './elements.js';
import { markdown, plain } from './text.js';

/**
 * Replaces the card of a request that must not be decided: shows the problem and what to do, without buttons.
 * @param tenant its name; undefined: there is only one
 */
export function problemCard(
  { title }: Pick<CaseView, 'title'>,
  { message, next }: CaseProblem,
  tenant?: string,
): AdaptiveCard {
  const lines = [...(tenant === undefined ? [] : [tenant]), message, next].map((line) =>
    text(markdown(line, 300), { spacing: 'Small' }),
  );
  const name = text(markdown(title, 200), { size: 'Large', weight: 'Bolder', style: 'heading' });
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    lang: 'en',
    fallbackText: `${plain(title, 160)}: ${message}`,
    msteams: { width: 'Full' },
    body: [{ type: 'Container', style: 'attention', bleed: true, items: [name, ...lines] }],
    actions: [],
  };
}
