import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cruiseSources, ruleNames, type Violation } from './cruise.js';
import { repository, SOURCES, sourceFiles } from './repository.js';

describe('the folders of src and packages', () => {
  it('import only what their row of the table allows', async () => {
    const { modules, violations } = await cruiseSources(repository());
    expect(violations).toEqual([]);
    expect([...modules].sort()).toEqual(sourceFiles(repository()));
  });
});

/** For each rule, a file that breaks it. `known-folder` needs a folder without a row. */
const planted: Record<string, { file: string; code: string }> = {
  'domain-imports': { file: 'src/domain/p.ts', code: `import { readFileSync } from 'node:fs';` },
  'intake-imports': {
    file: 'src/intake/p.ts',
    code: `import { ClientFactory } from '../connectors/index.js';`,
  },
  'approvals-imports': { file: 'src/approvals/p.ts', code: `import { readFileSync } from 'node:fs';` },
  'views-imports': { file: 'src/views/p.ts', code: `import { writeFileSync } from 'node:fs';` },
  'views-types-only': {
    file: 'src/views/p2.ts',
    code: `import { evaluateDecision } from '../approvals/index.js';`,
  },
  'actions-imports': { file: 'src/actions/entra/p.ts', code: `import { Client } from '@azure/identity';` },
  'actions-types-only': {
    file: 'src/actions/defender/p.ts',
    code: `import { createClients } from '../../connectors/index.js';`,
  },
  'connectors-imports': {
    file: 'src/connectors/p.ts',
    code: `import { loadPlaybooks } from '../playbook/index.js';`,
  },
  'connectors-types-only': {
    file: 'src/connectors/p2.ts',
    code: `import { planSchema } from '../domain/plan.js';`,
  },
  'playbook-imports': {
    file: 'src/playbook/p.ts',
    code: `import type { Clients } from '../connectors/clients.js';`,
  },
  'playbook-types-only': {
    file: 'src/playbook/p2.ts',
    code: `import { defineResponse } from '../actions/define.js';`,
  },
  'orchestrator-imports': {
    file: 'src/orchestrator/p.ts',
    code: `import { randomUUID } from 'node:crypto';`,
  },
  'orchestrator-types-only': {
    file: 'src/orchestrator/p2.ts',
    code: `import { defineResponse } from '../actions/define.js';`,
  },
  'app-imports': {
    file: 'src/app/p.ts',
    code: `import { startSimulator } from '../../packages/tenant-simulator/test/index.js';`,
  },
  'emulator-imports': {
    file: 'packages/functions-emulator/src/p.ts',
    code: `import type { Plan } from '../../../src/domain/plan.js';`,
  },
  'simulator-imports': {
    file: 'packages/tenant-simulator/src/p.ts',
    code: `import { startHost } from '../../packages/functions-emulator/test/index.js';`,
  },
  'cli-imports': { file: 'src/cli/p.ts', code: `import { judge } from '../approvals/index.js';` },
  'cli-types-only': {
    file: 'src/cli/p6.ts',
    code: `import { defineResponse } from '../actions/define.js';`,
  },
  'durable-module-imports': {
    file: 'src/orchestrator/durable.ts',
    code: `import { app } from '@azure/functions';`,
  },
  'functions-library-in-app-only': { file: 'src/cli/p2.ts', code: `import { app } from '@azure/functions';` },
  'credentials-in-few-places': {
    file: 'src/connectors/p3.ts',
    code: `import { DefaultAzureCredential } from '@azure/identity';`,
  },
  'commands-load-what-they-run': {
    file: 'src/cli/commands/p.ts',
    code: `import { openDataDirectory } from '../data-directory.js';`,
  },
  'no-cycles': { file: 'src/cli/p3.ts', code: `import { b } from './p4.js';\nexport const a = b;` },
  'not-resolvable': { file: 'src/cli/p5.ts', code: `import { a } from './nowhere.js';` },
  'known-folder': { file: 'src/helpers/p.ts', code: `import { z } from 'zod';` },
};

/** Each folder with a row of its own in the tables of docs/architecture.md. */
const rows = new Set(
  sourceFiles(repository()).map((file) => /^(src\/[^/]+|packages\/[^/]+\/src)/.exec(file)?.[0] ?? file),
);

describe('a planted violation', () => {
  let directory: string;
  let violations: readonly Violation[];

  beforeAll(async () => {
    // Inside the repository, so the copy resolves the same packages as the sources.
    mkdirSync(repository('dist'), { recursive: true });
    directory = mkdtempSync(repository('dist/folder-rules-'));
    for (const folder of SOURCES) cpSync(repository(folder), join(directory, folder), { recursive: true });
    for (const { file, code } of Object.values(planted)) {
      const path = join(directory, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${code}\n`);
    }
    writeFileSync(join(directory, 'src/cli/p4.ts'), `import { a } from './p3.js';\nexport const b = a;\n`);
    for (const row of rows) {
      writeFileSync(
        join(directory, row, 'a.ts'),
        `import type { B } from './b.js';\nexport type A = B | 1;\n`,
      );
      writeFileSync(
        join(directory, row, 'b.ts'),
        `import type { A } from './a.js';\nexport type B = A | 2;\n`,
      );
    }
    ({ violations } = await cruiseSources(directory));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('exists for every rule', () => {
    expect(Object.keys(planted).sort()).toEqual([...ruleNames].sort());
  });

  it('is the only violation found', () => {
    const files = Object.values(planted).map(({ file }) => file);
    const circles = [...rows].flatMap((row) => [`${row}/a.ts`, `${row}/b.ts`]);
    const others = [...files, 'src/cli/p4.ts', ...circles];
    expect(violations.filter(({ from }) => !others.includes(from))).toEqual([]);
  });

  it.each([...rows])('of no-cycles is found among the types of %s', (row) => {
    expect(violations).toContainEqual({ rule: 'no-cycles', from: `${row}/a.ts`, to: `${row}/b.ts` });
  });

  it.each(Object.entries(planted))('of %s is found', (rule, { file }) => {
    expect(violations.map((violation) => `${violation.rule} ${violation.from}`)).toContain(`${rule} ${file}`);
  });
});
