/** The check of the Node version, which also very old versions can run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { NEEDED, nodeProblem } from '../../bin/check-node.mjs';
import { Running } from './run-cli.js';

const bin = (file: string) => join(import.meta.dirname, '../../bin', file);

describe('the version of Node', () => {
  it.each([
    ['v14.0.0', false],
    ['v18.20.4', false],
    ['v20.9.0', false],
    ['v20.18.3', false],
    ['v20.19.0', true],
    ['v22.0.0', true],
    ['v100.0.0', true],
    ['v24.0.0-nightly20260101', true],
  ])('%s is new enough: %s', (version, isNew) => {
    expect(nodeProblem(version) === undefined).toBe(isNew);
  });

  it('is the one of package.json', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
    expect(engines.node).toBe(`>=${NEEDED}`);
  });

  it('is checked before the program is loaded', async () => {
    const old = 'data:text/javascript,Object.defineProperty(process,"version",{value:"v18.20.4"})';
    const { code, stdout, stderr } = await new Running(['--import', old, bin('responder.mjs'), 'start'])
      .ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error \[node-too-old\]: .*v18\.20\.4.*\n {2}next: .*\n$/);
  });

  it.each(['check-node.mjs', 'responder.mjs'])('%s has only syntax that Node 14 can parse', (file) => {
    const text = readFileSync(bin(file), 'utf8');
    // What is newer than ES2020 would be rewritten, or is a top-level await.
    const compile = (target: ts.ScriptTarget) =>
      ts.transpileModule(text, {
        compilerOptions: { target, module: ts.ModuleKind.ESNext, allowJs: true },
        fileName: file,
      }).outputText;
    expect(compile(ts.ScriptTarget.ES2020)).toBe(compile(ts.ScriptTarget.ESNext));
    expect(text).not.toMatch(/^\s*await\b|= await\b/m);
  });
});
