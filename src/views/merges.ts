/** Which incidents were merged into this one and what their cases have done, and which one this one was merged into. */
import type { CaseFile } from '../domain/case-file.js';
import type { HandedOver } from '../domain/handed-over.js';

export interface MergeView {
  /** The case of the other incident. */
  readonly instanceId: string;
  /** May contain names from the incident. */
  readonly text: string;
}

/** Those that have done nothing are many and say little. */
const MOST_SOURCES = 10;
const MOST_EFFECTS = 5;

const STATES: Readonly<Record<HandedOver['effects'][number]['state'], string>> = {
  'in-force': 'in force, can be undone there',
  'under-way': 'under way there',
  done: 'done there',
  ended: 'ended there',
};

export function mergeViews({
  handedOverTo,
  handedOverFrom = [],
}: Pick<CaseFile, 'handedOverTo' | 'handedOverFrom'>): MergeView[] {
  const into =
    handedOverTo === undefined
      ? []
      : [
          {
            instanceId: handedOverTo.instanceId,
            text:
              handedOverTo.because !== 'merged'
                ? `The same incident is handled as ${handedOverTo.key}.`
                : `Merged into ${handedOverTo.key}, whose case has taken over.`,
          },
        ];
  return [...into, ...handedOverFrom.slice(0, MOST_SOURCES).map(sourceView)];
}

function sourceView({ because, from, effects }: HandedOver): MergeView {
  const name = from.number === undefined ? from.key : `#${from.number}`;
  const lines = effects
    .slice(0, MOST_EFFECTS)
    .map((one) => `${one.title} (${one.target}): ${STATES[one.state]}`);
  const more = effects.length > MOST_EFFECTS ? [`${effects.length - MOST_EFFECTS} more`] : [];
  const done = [...lines, ...more].join('; ');
  const what =
    because !== 'merged'
      ? `The same incident was handled as ${from.key}.`
      : `Incident ${name} was merged into this one.`;
  const text = `${what}${done === '' ? '' : ` ${done}.`}`;
  return { instanceId: from.instanceId, text };
}
