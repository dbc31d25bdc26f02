import { describe, expect, test } from 'vitest';
import { parseRouteTemplate, RouteTemplateError } from '../../src/http/route-template.js';
import { parseLenientJson } from '../../src/json/lenient-json.js';
import { findFiles } from '../../src/worker/glob.js';
import { writeApp } from './app.js';

describe('route templates', () => {
  test.each([
    ['a/b', 'A/B', {}],
    ['a/{x}', 'a', undefined],
    ['a/{x?}', 'a', {}],
    ['a/{x=7}', 'a', { x: '7' }],
    ['a/{x:int=7}', 'a', { x: '7' }],
    ['a/{x:int?}', 'a/b', undefined],
    ['a/{x:int}', 'a/-03', { x: '-03' }],
    ['a/{x:int}', 'a/3000000000', undefined],
    ['a/{x:long}', 'a/3000000000', { x: '3000000000' }],
    ['a/{x:bool}', 'a/True', { x: 'True' }],
    ['a/{x:guid}', 'a/00000000-0000-4000-8000-00000000a001', { x: '00000000-0000-4000-8000-00000000a001' }],
    ['a/{x:alpha:length(2,3)}', 'a/abcd', undefined],
    ['a/{x:range(1,5)}', 'a/5', { x: '5' }],
    ['a/{x:max(5)}', 'a/6', undefined],
    ['a/{x:datetime}', 'a/2031-01-01', { x: '2031-01-01' }],
    ['a/{x:regex(^\\d{{2}}:\\d$)}', 'a/12:3', { x: '12:3' }],
    ['{a}-{b}', 'x-y-z', { a: 'x-y', b: 'z' }],
    ['v{major}.{minor}', 'v1.2', { major: '1', minor: '2' }],
    ['a/{*rest}', 'a', {}],
    ['a/{*rest}', 'a/b/c', { rest: 'b/c' }],
    ['a/{{x}}', 'a/{x}', {}],
  ])('%s with %s gives %o', (template, path, expected) => {
    expect(parseRouteTemplate(template).match(path.split('/'))).toEqual(expected);
  });

  test.each(['/a', 'a//b', 'a/{x', 'a/x}', 'a/{x:nosuch}', 'a/{}'])('%s is refused', (template) => {
    expect(() => parseRouteTemplate(template)).toThrow(RouteTemplateError);
  });
});

test('JSON may contain comments and trailing commas, but not in strings', () => {
  expect(parseLenientJson('{ /* a */ "a": "// no, /* no */, ]", // b\n "b": [1, 2, ], }')).toEqual({
    a: '// no, /* no */, ]',
    b: [1, 2],
  });
  expect(() => parseLenientJson('{ "a": }')).toThrow(SyntaxError);
});

test('main may be a path or a pattern', () => {
  const directory = writeApp({ 'a.js': '', 'b/a.js': '', 'b/c/d.js': '', 'b/.hidden.js': '', 'b/e.mjs': '' });
  const own = ['index.js'];
  expect(findFiles(directory, './b/a.js')).toEqual(['b/a.js']);
  expect(findFiles(directory, 'nothing.js')).toEqual([]);
  expect(findFiles(directory, '*.js').filter((file) => !own.includes(file))).toEqual(['a.js']);
  expect(findFiles(directory, '**/*.js').filter((file) => !own.includes(file))).toEqual([
    'a.js',
    'b/a.js',
    'b/c/d.js',
  ]);
  expect(findFiles(directory, 'b/{c/{d,x},e}.{js,mjs}')).toEqual(['b/e.mjs', 'b/c/d.js']);
  expect(findFiles(directory, 'b/[!e]*.?js')).toEqual([]);
});
