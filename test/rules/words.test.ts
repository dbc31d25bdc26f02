import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repository, trackedFiles } from './repository.js';
import { avoidedWords, wordsInDocument, wordsInSource } from './words.js';

const text = (file: string) => readFileSync(repository(file), 'utf8');
const GLOSSARY = 'docs/glossary.md';
const avoided = avoidedWords(text(GLOSSARY));
const where = (file: string, found: readonly { word: string; line: number }[]) =>
  found.map(({ word, line }) => `${file}:${line} ${word}`);

describe('the words that the glossary replaces', () => {
  it('are not used in the sources', () => {
    const sources = trackedFiles().filter((file) => /^(src|packages\/[^/]+\/src)\/.*\.ts$/.test(file));
    expect(sources.length).toBeGreaterThan(400);
    expect(sources.flatMap((file) => where(file, wordsInSource(text(file), avoided)))).toEqual([]);
  });

  it('are not used in the documents', () => {
    const documents = trackedFiles().filter((file) => file.endsWith('.md') && file !== GLOSSARY);
    expect(documents.length).toBeGreaterThan(10);
    expect(documents.flatMap((file) => where(file, wordsInDocument(text(file), avoided)))).toEqual([]);
  });

  it('are a list', () => {
    expect(avoided.length).toBeGreaterThan(20);
    expect(avoided).toContain('door');
  });

  it.each([
    ['a comment', '// Opens the door.'],
    ['a docstring', '/**\n * Whoever asks.\n */'],
    ['a text', "const a = 'nobody is there';"],
    ['a template', 'const a = `was told ' + '$' + '{b} in time`;'],
    ['a name', 'const openDoor = 1;'],
    ['a constant', 'const DOOR_KEY = 1;'],
    ['a code', "const a = 'door-refusal';"],
    ['two lines of a comment', '// Nothing is kept for\n// ever.'],
  ])('are found in %s', (_where, source) => {
    expect(wordsInSource(source, avoided)).toHaveLength(1);
  });

  it('are found in a document, but not in its code', () => {
    expect(wordsInDocument('Every door, for\never: `door`\n```\ndoor\n```\n', avoided)).toEqual([
      { word: 'door', line: 1 },
      { word: 'for ever', line: 1 },
    ]);
  });
});
