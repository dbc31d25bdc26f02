/** Rules about what code says, not what it imports: who may read the time, wait, or see the environment. */
import ts from 'typescript';

export interface Finding {
  readonly rule: string;
  /** `file:line`, the line counted from 1. */
  readonly at: string;
}

interface Rule {
  readonly name: string;
  applies(path: string): boolean;
  breaks(node: ts.Node): boolean;
}

const inFolder = (folder: string) => (path: string) => path.startsWith(`src/${folder}/`);
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];
const OUTSIDE_WORLD = [
  'crypto',
  'fetch',
  'process',
  'console',
  'performance',
  'globalThis',
  'Intl',
  'require',
];
/** Where the time of a process may enter. */
const CLOCKS = [
  'src/host/clock.ts',
  'src/app/clock.ts',
  // How long a token lasts is judged by the SDKs too, and those know real time only.
  'src/simulator/tokens.ts',
];
const ENVIRONMENT = ['src/app/config.ts', 'src/host/host.ts', 'src/host/replay-history.ts'];

export const rules: readonly Rule[] = [
  {
    name: 'orchestrator: no time, chance or outside world',
    applies: inFolder('orchestrator'),
    breaks: (node) =>
      isValue(node, ['Promise', ...TIMERS, ...OUTSIDE_WORLD]) ||
      isMember(node, 'Math', 'random') ||
      readsTime(node),
  },
  {
    // Timers take a Date: durable.ts makes it of a given time.
    name: 'orchestrator: only durable.ts makes dates',
    applies: (path) => inFolder('orchestrator')(path) && path !== 'src/orchestrator/durable.ts',
    breaks: (node) => isValue(node, ['Date']),
  },
  {
    name: 'orchestrator: no node: modules',
    applies: inFolder('orchestrator'),
    breaks: (node) => importedModule(node)?.startsWith('node:') === true,
  },
  {
    name: 'orchestrator: no async, no await, no import()',
    applies: inFolder('orchestrator'),
    breaks: (node) =>
      node.kind === ts.SyntaxKind.AsyncKeyword ||
      node.kind === ts.SyntaxKind.AwaitKeyword ||
      ts.isAwaitExpression(node) ||
      (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword),
  },
  {
    name: 'orchestrator: only waiting.ts waits',
    applies: (path) => inFolder('orchestrator')(path) && path !== 'src/orchestrator/waiting.ts',
    breaks: (node) => isCallOf(node, ['waitForExternalEvent', 'createTimer']) || isTaskAny(node),
  },
  {
    name: 'host: only the clock reads the time or waits',
    applies: (path) => inFolder('host')(path) && !CLOCKS.includes(path),
    breaks: (node) => isValue(node, ['setTimeout', 'setInterval']) || readsTime(node),
  },
  {
    name: 'the time comes from the clock',
    applies: (path) => !inFolder('host')(path) && !inFolder('cli')(path) && !CLOCKS.includes(path),
    breaks: readsTime,
  },
  {
    name: 'only app/config.ts and cli see the environment',
    applies: (path) => !inFolder('cli')(path) && !ENVIRONMENT.includes(path),
    breaks: (node) => isMember(node, 'process', 'env'),
  },
];

/** Every place of a TypeScript text where a rule for its path is broken. */
export function checkSource(path: string, text: string): Finding[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const applicable = rules.filter((rule) => rule.applies(path));
  const found: Finding[] = [];
  const visit = (node: ts.Node): void => {
    for (const { name, breaks } of applicable) {
      if (!breaks(node)) continue;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({ rule: name, at: `${path}:${line + 1}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** An identifier that is read as a value: not a type, a member's name, a key or a declaration. */
function isValue(node: ts.Node, names: readonly string[]): boolean {
  if (!ts.isIdentifier(node) || !names.includes(node.text)) return false;
  const { parent } = node;
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent) || ts.isImportSpecifier(parent))
    return false;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !isName(parent, node);
}

function isName(parent: ts.Node, node: ts.Identifier): boolean {
  return 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
}

function isMember(node: ts.Node, object: string, name: string): boolean {
  if (ts.isPropertyAccessExpression(node)) {
    return ts.isIdentifier(node.expression) && node.expression.text === object && node.name.text === name;
  }
  return (
    ts.isElementAccessExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === object &&
    ts.isStringLiteral(node.argumentExpression) &&
    node.argumentExpression.text === name
  );
}

function readsTime(node: ts.Node): boolean {
  if (isMember(node, 'Date', 'now')) return true;
  const isDate =
    (ts.isNewExpression(node) || ts.isCallExpression(node)) && isIdentifier(node.expression, 'Date');
  return isDate && (ts.isCallExpression(node) || (node.arguments ?? []).length === 0);
}

function isIdentifier(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

function isCallOf(node: ts.Node, members: readonly string[]): boolean {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  return members.includes(name);
}

/** `Task.any(…)`, `ctx.df.Task.any(…)`. */
function isTaskAny(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) || node.name.text !== 'any') return false;
  const owner = node.expression;
  return isIdentifier(owner, 'Task') || (ts.isPropertyAccessExpression(owner) && owner.name.text === 'Task');
}

function importedModule(node: ts.Node): string | undefined {
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined;
  return specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : undefined;
}
