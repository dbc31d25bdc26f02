import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What starts processes, browsers or Microsoft's clients, or tries many combinations: `npm run test:all` runs it, too. */
const LONG = [
  'test/browser/**/*.test.ts',
  'test/end-to-end/**/*.test.ts',
  'test/actions/found-model.test.ts',
  'test/cli/{actions,approvals,bad-input,hostile-files,incidents,new,normalise,rejected,sign-in,validate-live,validate-tenants}.test.ts',
  'test/app/{aliases-model,aliases-model-long,approver-accounts,copies,end-states,faults,handled-again,late-effects,many-plans,merge-window,nothing-lost,one-record,patience,reliance-model,selection,several-plans,sweep,sweep-defender,tenant-removed,tenants-model,updates-model,used-again}.test.ts',
  'test/app/teams/outages.test.ts',
  'test/orchestrator/histories.test.ts',
  'test/views/card/pictures.test.ts',
];

/** What takes minutes comes first, so that it is not waited for alone in the end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => /\/test\/(end-to-end|browser)\//.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: SlowFirst },
    // Only for what hangs: on a busy machine a test may take ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Built files are loaded as they are.
    server: { deps: { external: [/\/dist\//] } },
    projects: [
      {
        extends: true,
        // One process for several files: they share what is loaded, and the threads of the app.
        test: { name: 'main', include: ['test/**/*.test.ts'], exclude: LONG, isolate: false },
      },
      { extends: true, test: { name: 'long', include: LONG } },
      { extends: true, test: { name: 'packages', include: ['packages/*/test/**/*.test.ts'] } },
    ],
  },
});
