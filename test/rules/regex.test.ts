import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { regexesOf } from './regex/sources.js';
import { superlinear } from './regex/work.js';
import { repository, sourceFiles } from './repository.js';

/** Expressions whose pattern or input is the app's own (routes, files, tests): no caller controls them. */
const OF_THE_APP = [
  'packages/functions-emulator/src/http/route-constraints.ts',
  'packages/functions-emulator/src/http/route-template.ts',
  'packages/functions-emulator/src/worker/glob.ts',
  'packages/tenant-simulator/src/faults.ts',
  'packages/tenant-simulator/src/router.ts',
];
const files = sourceFiles(repository()).filter((file) => !OF_THE_APP.includes(file));
const regexes = files.flatMap((file) => regexesOf(file, readFileSync(repository(file), 'utf8')));

describe('the regular expressions that callers, incidents and services reach', () => {
  it('are all found', () => {
    expect(regexes.length).toBeGreaterThan(200);
  });

  it('are literals, except one that is quoted text without repetition', () => {
    const made = regexes
      .filter(({ pattern }) => pattern === undefined)
      .map(({ place }) => place.split(':')[0]);
    expect(made).toEqual(['src/connectors/transport/redaction.ts']);
  });

  it('do work that grows no faster than their input', () => {
    const found = regexes.flatMap(({ place, pattern, flags }) => {
      const why = pattern === undefined ? undefined : superlinear(pattern, flags);
      return why === undefined ? [] : [`${place} /${pattern}/${flags}: ${why}`];
    });
    expect(found).toEqual([]);
  });

  it('fold no character of another alphabet into an ASCII letter: with `iu`, U+017F matches s', () => {
    expect(regexes.filter(({ flags }) => /i/.test(flags) && /[uv]/.test(flags))).toEqual([]);
  });
});

describe('a planted regular expression', () => {
  it.each([
    [String.raw`^[^\s@]+@[^\s@]+\.[^\s@]+$`, 'polynomial'],
    ['^(a+)+$', 'exponential'],
    ['^(a|a)*$', 'exponential'],
    ['^(a*)*b', 'exponential'],
    ['^(?:a?b?)*$', 'exponential'],
    ['^(ab|ab?)+$', 'exponential'],
    [String.raw`\s+$`, 'polynomial'],
    [String.raw`\/+$`, 'polynomial'],
    ['<[^>]+>', 'polynomial'],
    ['^a*[a-f]*b', 'polynomial'],
    ['x*y', 'polynomial'],
    ['^x(?=a*a*b)', 'polynomial'],
    ['^[a-z]{1,2000}[a-z]*!', 'polynomial'],
    [String.raw`(.)\1`, 'not understood'],
  ])('%s is found', (pattern, why) => {
    expect(superlinear(pattern)).toContain(why);
  });

  it.each([
    [String.raw`^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$`],
    [String.raw`\s+`],
    [String.raw`^\s+`],
    ['<[^<>]+>'],
    [String.raw`^(\/[^/]+)+$`],
    ['^a*b'],
    ['^(ab?)+$'],
    ['a*'],
    ['^[a-z]{1,20}[a-z]*!'],
    [String.raw`"(?:[^"\\]|\\.)*"?`],
  ])('%s is linear', (pattern) => {
    expect(superlinear(pattern)).toBeUndefined();
  });
});
