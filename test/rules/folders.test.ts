import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cruiseSources, ruleNames, type Violation } from './cruise.js';
import { repository, typescriptFiles } from './repository.js';

describe('the folders of src', () => {
  it('import only what their row of the table allows', async () => {
    const { modules, violations } = await cruiseSources(repository());
    expect(violations).toEqual([]);
    expect([...modules].sort()).toEqual(typescriptFiles(repository(), 'src'));
  });
});

/** For each rule, a file that breaks it. `known-folder` needs a folder without a row. */
const planted: Record<string, { file: string; code: string }> = {
  'domain-imports': { file: 'domain/p.ts', code: `import { readFileSync } from 'node:fs';` },
  'intake-imports': { file: 'intake/p.ts', code: `import { ClientFactory } from '../connectors/index.js';` },
  'approvals-imports': { file: 'approvals/p.ts', code: `import { readFileSync } from 'node:fs';` },
  'views-imports': { file: 'views/p.ts', code: `import { writeFileSync } from 'node:fs';` },
  'views-types-only': {
    file: 'views/p2.ts',
    code: `import { evaluateDecision } from '../approvals/index.js';`,
  },
  'actions-imports': { file: 'actions/enrich/p.ts', code: `import { Client } from '@azure/identity';` },
  'actions-types-only': {
    file: 'actions/respond/p.ts',
    code: `import { createClients } from '../../connectors/index.js';`,
  },
  'connectors-imports': {
    file: 'connectors/p.ts',
    code: `import { loadPlaybooks } from '../playbook/index.js';`,
  },
  'connectors-types-only': {
    file: 'connectors/p2.ts',
    code: `import { planSchema } from '../domain/plan.js';`,
  },
  'playbook-imports': {
    file: 'playbook/p.ts',
    code: `import type { Clients } from '../connectors/clients.js';`,
  },
  'playbook-types-only': {
    file: 'playbook/p2.ts',
    code: `import { defineResponse } from '../actions/define.js';`,
  },
  'orchestrator-imports': { file: 'orchestrator/p.ts', code: `import { randomUUID } from 'node:crypto';` },
  'orchestrator-types-only': {
    file: 'orchestrator/p2.ts',
    code: `import { defineResponse } from '../actions/define.js';`,
  },
  'app-imports': { file: 'app/p.ts', code: `import { startSimulator } from '../simulator/index.js';` },
  'host-imports': { file: 'host/p.ts', code: `import type { Plan } from '../domain/plan.js';` },
  'simulator-imports': { file: 'simulator/p.ts', code: `import { startHost } from '../host/index.js';` },
  'cli-imports': { file: 'cli/p.ts', code: `import { judge } from '../approvals/index.js';` },
  'durable-module-imports': {
    file: 'orchestrator/durable.ts',
    code: `import { app } from '@azure/functions';`,
  },
  'functions-library-in-app-only': { file: 'cli/p2.ts', code: `import { app } from '@azure/functions';` },
  'credentials-in-few-places': {
    file: 'connectors/p3.ts',
    code: `import { DefaultAzureCredential } from '@azure/identity';`,
  },
  'no-cycles': { file: 'cli/p3.ts', code: `import { b } from './p4.js';\nexport const a = b;` },
  'not-resolvable': { file: 'cli/p5.ts', code: `import { a } from './nowhere.js';` },
  'known-folder': { file: 'helpers/p.ts', code: `import { z } from 'zod';` },
};

describe('a planted violation', () => {
  let directory: string;
  let violations: readonly Violation[];

  beforeAll(async () => {
    // Inside the repository, so the copy resolves the same packages as the sources.
    mkdirSync(repository('dist'), { recursive: true });
    directory = mkdtempSync(repository('dist/folder-rules-'));
    cpSync(repository('src'), join(directory, 'src'), { recursive: true });
    for (const { file, code } of Object.values(planted)) {
      const path = join(directory, 'src', file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${code}\n`);
    }
    writeFileSync(join(directory, 'src/cli/p4.ts'), `import { a } from './p3.js';\nexport const b = a;\n`);
    ({ violations } = await cruiseSources(directory));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('exists for every rule', () => {
    expect(Object.keys(planted).sort()).toEqual([...ruleNames].sort());
  });

  it('is the only violation found', () => {
    const files = Object.values(planted).map(({ file }) => `src/${file}`);
    expect(violations.filter(({ from }) => !files.includes(from) && from !== 'src/cli/p4.ts')).toEqual([]);
  });

  it.each(Object.entries(planted))('of %s is found', (rule, { file }) => {
    expect(violations.map((violation) => `${violation.rule} ${violation.from}`)).toContain(
      `${rule} src/${file}`,
    );
  });
});
