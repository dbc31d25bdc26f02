/**
 * A sentence of the vocabulary before it is rendered: our words, values from outside, and times. Each channel renders it
 * with its own escaping. Values are hostile.
 */
import { shortTime } from './time.js';

export type Part =
  | { readonly words: string }
  | { readonly value: string }
  /** ISO 8601, UTC. */
  | { readonly time: string };
export type Phrase = readonly Part[];

/** Template for phrases: texts become values, numbers become words. */
export function phrase(
  strings: TemplateStringsArray,
  ...inserted: readonly (string | number | Part | Phrase)[]
): Phrase {
  const parts = inserted.flatMap((one, i): Part[] => [...partsOf(one), { words: strings[i + 1] ?? '' }]);
  return [{ words: strings[0] ?? '' }, ...parts].filter((part) => !('words' in part) || part.words !== '');
}

function partsOf(inserted: string | number | Part | Phrase): readonly Part[] {
  if (typeof inserted === 'string') return [{ value: inserted }];
  if (typeof inserted === 'number') return [{ words: String(inserted) }];
  return 'length' in inserted ? inserted : [inserted];
}

/** A time inside a phrase. @param iso ISO 8601, UTC. */
export function at(iso: string): Part {
  return { time: iso };
}

/** Words of the vocabulary inside a phrase. Never a text from outside: it is not escaped. */
export function ours(words: string): Part {
  return { words };
}

/** One phrase after the other, separated by a space. */
export function sentences(all: readonly Phrase[]): Phrase {
  return all.flatMap((one, i) => (i === 0 ? one : [{ words: ' ' }, ...one]));
}

/** The phrase as plain text. Hostile: escape it at the point of output. */
export function phraseText(all: Phrase): string {
  return all
    .map((part) => ('words' in part ? part.words : 'value' in part ? part.value : shortTime(part.time)))
    .join('');
}
