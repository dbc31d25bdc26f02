/** Tests that do not run, or not everywhere. */
import ts from 'typescript';

/** How vitest leaves tests out: https://vitest.dev/api/ */
const MEMBERS = new Set(['only', 'skip', 'todo', 'fails', 'skipIf', 'runIf']);
const OPTIONS = new Set(['only', 'skip', 'todo', 'fails']);
const TESTS = new Set(['it', 'test', 'describe', 'suite', 'bench']);
/** Parameters of a test that can leave it out while it runs. */
const CONTEXTS = new Set(['context', 'ctx']);

/** Each place: `skip`, or `runIf(condition)`. */
export function skippedIn(file: string, text: string): string[] {
  if (!/\b(?:only|skip|todo|fails|skipIf|runIf)\b/.test(text)) return [];
  const found: string[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && MEMBERS.has(node.name.text)) {
      const root = rootOf(node);
      if (TESTS.has(root) || (CONTEXTS.has(root) && node.name.text === 'skip')) found.push(textOf(node));
    }
    if (ts.isPropertyAssignment(node) && OPTIONS.has(node.name.getText()) && isOption(node)) {
      found.push(node.name.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `it` of `it.concurrent.each([])('…').skip`. */
function rootOf(node: ts.Expression): string {
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) return rootOf(node.expression);
  if (ts.isTaggedTemplateExpression(node)) return rootOf(node.tag);
  return ts.isIdentifier(node) ? node.text : '';
}

/** A condition belongs to the place: another one is another exception. */
function textOf(node: ts.PropertyAccessExpression): string {
  const { name, parent } = node;
  const [condition] = ts.isCallExpression(parent) && parent.expression === node ? parent.arguments : [];
  const isCondition = name.text === 'skipIf' || name.text === 'runIf';
  return isCondition && condition !== undefined ? `${name.text}(${condition.getText()})` : name.text;
}

/** In the options of a test. */
function isOption({ parent }: ts.PropertyAssignment): boolean {
  const call = parent.parent;
  return ts.isCallExpression(call) && TESTS.has(rootOf(call.expression));
}
