/** Words that docs/glossary.md replaces: which there are, and where a text uses one. */

/** The first column of the glossary's table of words to avoid: phrases, separated by commas. */
export function avoidedWords(glossary: string): string[] {
  const section = glossary.split('## Words to avoid')[1] ?? '';
  const rows = [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell.trim());
  return rows.slice(2).flatMap((cell) => cell.split(',').map((word) => word.trim()));
}

export interface FoundWord {
  readonly word: string;
  readonly line: number;
}

/** Finds words in a document; what is in backquotes, and the target of a link, is code. */
export function wordsInDocument(text: string, avoided: readonly string[]): FoundWord[] {
  const code = /```[\s\S]*?```|`[^`\n]*`|\]\([^)]*\)/g;
  return wordsIn(
    text.replaceAll(code, (part) => part.replaceAll(/[^\n]/g, ' ')),
    avoided,
  );
}

/** Finds words in the comments, texts and names of a source: `openDoor` has the word "door". */
export function wordsInSource(text: string, avoided: readonly string[]): FoundWord[] {
  return wordsIn(text.replaceAll(/([a-z0-9])(?=[A-Z])/g, '$1 ').replaceAll('_', ' '), avoided);
}

function wordsIn(text: string, avoided: readonly string[]): FoundWord[] {
  return avoided.flatMap((word) => {
    const pattern = new RegExp(`(?<!\\w)${word.replaceAll(' ', String.raw`[\s*/]+`)}(?!\\w)`, 'gi');
    return [...text.matchAll(pattern)].map(({ index }) => ({
      word,
      line: text.slice(0, index).split('\n').length,
    }));
  });
}
