/**
 * The folder says what the code may do: one entry for each folder under src/, as in docs/architecture.md.
 * What is not listed is refused. `types` = may be imported with `import type` only.
 */
const own = (path) => `^src/${path}`;
const npm = (name) => `(^|/)node_modules/${name}/`;
const node = (name) => `^(node:)?${name}$`;
const anyNode = '^[a-z_/:]+$';
const anyNpm = '(^|/)node_modules/';

const folders = {
  domain: { may: [own('domain/'), npm('zod')] },
  intake: { may: [own('(intake|domain)/'), npm('zod'), node('crypto')] },
  approvals: { may: [own('(approvals|domain)/'), npm('zod'), node('crypto')] },
  views: { may: [own('(views|domain)/'), npm('zod')], types: [own('approvals/')] },
  actions: { may: [own('(actions|domain)/'), npm('zod')], types: [own('connectors/')] },
  connectors: {
    may: [
      own('(connectors/|domain/(errors|json-place|builders/))'),
      anyNode,
      npm('(@azure|@microsoft|jose|zod)'),
    ],
    types: [own('domain/')],
  },
  playbook: {
    may: [
      own('(playbook|domain)/'),
      own('actions/registry'),
      node('(crypto|fs|fs/promises|path|url)'),
      npm('(yaml|zod|@marcbachmann/cel-js)'),
    ],
    types: [own('actions/')],
  },
  orchestrator: {
    may: [own('(orchestrator|domain)/'), npm('zod')],
    types: [own('(?!cli/|app/)')],
  },
  app: { may: [own('(?!cli/)'), anyNode, anyNpm] },
  cli: {
    may: [
      own('(cli|connectors|domain|intake|playbook|views)/'),
      // `responder validate` checks the settings as the app does.
      own('app/(config|connector-config|read-playbooks)\\.ts$'),
      '(^|/)packages/(functions-emulator|tenant-simulator)/',
      own('actions/(reference|registry|run|services)\\.'),
      anyNode,
      anyNpm,
    ],
    types: [own('actions/')],
  },
};

const folderRules = Object.entries(folders).flatMap(([folder, { may, types = [] }]) => [
  {
    name: `${folder}-imports`,
    severity: 'error',
    comment: `src/${folder} may import only what its row in docs/architecture.md lists.`,
    from: {
      path: own(`${folder}/`),
      // The one module through which orchestrators reach the library.
      pathNot: own('orchestrator/durable\\.ts$'),
    },
    to: { pathNot: [...may, ...types] },
  },
  ...(types.length === 0
    ? []
    : [
        {
          name: `${folder}-types-only`,
          severity: 'error',
          comment: `src/${folder} may use these as types only: import type { … }.`,
          from: { path: own(`${folder}/`), pathNot: own('orchestrator/durable\\.ts$') },
          to: { path: types, pathNot: may, dependencyTypesNot: ['type-only'] },
        },
      ]),
]);

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: 'emulator-imports',
      severity: 'error',
      comment: 'The emulator knows nothing of incidents: Node.js, its own files and its own libraries.',
      from: { path: '^packages/functions-emulator/' },
      to: { pathNot: ['^packages/functions-emulator/', anyNode, anyNpm] },
    },
    {
      name: 'simulator-imports',
      severity: 'error',
      comment: 'The simulated tenant can be used without the responder and without the emulator.',
      from: { path: '^packages/tenant-simulator/' },
      to: { pathNot: ['^packages/tenant-simulator/', anyNode, anyNpm] },
    },
    {
      name: 'durable-module-imports',
      severity: 'error',
      comment: 'orchestrator/durable.ts wraps durable-functions and nothing else.',
      from: { path: own('orchestrator/durable\\.ts$') },
      to: { pathNot: [own('(orchestrator|domain)/'), npm('durable-functions')] },
    },
    {
      name: 'functions-library-in-app-only',
      severity: 'error',
      comment: 'Only the composition root touches the Functions library; others may use its types.',
      from: { path: '^(src|packages)/', pathNot: own('app/') },
      to: { path: npm('@azure/functions'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'credentials-in-few-places',
      severity: 'error',
      comment: 'Only the composition root makes credentials, with the two modules that sign in to services.',
      from: {
        path: '^(src|packages)/',
        pathNot: [
          own('(app/|connectors/credential)'),
          '^packages/functions-emulator/src/servicebus/service-bus-clients',
        ],
      },
      to: { path: npm('@azure/identity'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'commands-load-what-they-run',
      severity: 'error',
      comment: 'Each command loads what all others import: use await import(…) for what the command runs.',
      from: { path: own('cli/(index\\.ts|commands/)') },
      to: {
        dynamic: false,
        dependencyTypesNot: ['type-only'],
        pathNot: [
          own('cli/(commands/|(defaults|exit-codes|package-directory|terminal)\\.ts$)'),
          npm('commander'),
          node('(fs|path)'),
        ],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two modules that need each other, if only for a type, are one module, or miss a third.',
      from: { path: '^(src|packages)/' },
      to: { circular: true },
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      comment: 'An import that leads nowhere is seen by no other rule.',
      from: { path: '^(src|packages)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'known-folder',
      severity: 'error',
      comment: 'A new folder under src/ needs a row of its own.',
      from: { path: '^src/', pathNot: own(`(${Object.keys(folders).join('|')})/`) },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^packages/[^/]+/dist/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
