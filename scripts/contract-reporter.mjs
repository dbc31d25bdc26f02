// Prints what the contract suite found: for each action which checks hold, fail, or do not apply.
export default class ContractReporter {
  onTestRunEnd(modules) {
    /** The results by kind of action (the file of the suite), action and check. */
    const kinds = new Map();
    for (const module of modules) {
      for (const test of module.children.allTests()) addTo(kinds, module, test);
    }
    for (const [kind, actions] of kinds) print(kind, actions);
  }
}

function addTo(kinds, module, test) {
  const [, kind] =
    /contract\/(responses|enrichments)\.test\.ts$/.exec(module.moduleId.replaceAll('\\', '/')) ?? [];
  if (kind === undefined || test.parent.type !== 'suite') return;
  const actions = kinds.get(kind) ?? new Map();
  const checks = actions.get(test.parent.name) ?? new Map();
  const { state } = test.result();
  if (state === 'skipped' || state === 'pending') return;
  checks.set(test.name, state);
  kinds.set(kind, actions.set(test.parent.name, checks));
}

function print(kind, actions) {
  const names = [...new Set([...actions.values()].flatMap((checks) => [...checks.keys()]))];
  const width = Math.max(...[...actions.keys()].map((name) => name.length));
  const marks = { passed: '✔', failed: '✘' };
  console.log(`\n${kind}\n`);
  for (const [i, name] of names.entries()) {
    console.log(`${' '.repeat(width)}  ${'│ '.repeat(i)}┌ ${name}`);
  }
  for (const [action, checks] of actions) {
    const cells = names.map((name) => marks[checks.get(name)] ?? '–');
    console.log(`${action.padEnd(width)}  ${cells.join(' ')}`);
  }
  console.log('\n✔ holds   ✘ does not   – does not apply: docs/reference/contract.md says why');
}
