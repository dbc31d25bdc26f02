/** Queries on the syntax of TypeScript, without types. */
import ts from 'typescript';

/** An identifier that is read as a value: not a type, a member's name, a key or a declaration. */
export function isValue(node: ts.Node, names: readonly string[]): boolean {
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

export function isMember(node: ts.Node, object: string, name: string): boolean {
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

export function isIdentifier(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

export function isCallOf(node: ts.Node, members: readonly string[]): boolean {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  return members.includes(name);
}

/** `import … from`, `export … from` and `import(…)`. */
export function importedModule(node: ts.Node): string | undefined {
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : undefined;
  return specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : undefined;
}

/** The name of an assigned property: `{ name: … }`, `{ name }`, `object.name = …`. */
export function writtenProperty(node: ts.Node): string | undefined {
  if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node))
    return ts.isIdentifier(node.name) || ts.isStringLiteral(node.name) ? node.name.text : undefined;
  const written =
    ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken
      ? node.left
      : undefined;
  return written !== undefined && ts.isPropertyAccessExpression(written) ? written.name.text : undefined;
}

/** The name of the innermost function around the node. */
export function enclosingName(node: ts.Node): string | undefined {
  for (let around = node.parent; around !== undefined; around = around.parent) {
    const named =
      ts.isFunctionDeclaration(around) || ts.isMethodDeclaration(around) ? around.name : undefined;
    if (named !== undefined) return named.getText();
    if (ts.isVariableDeclaration(around) && ts.isIdentifier(around.name)) return around.name.text;
  }
  return undefined;
}

/** Whether the name occurs anywhere in the node. */
export function mentions(node: ts.Node, name: string): boolean {
  if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && node.text === name) return true;
  return ts.forEachChild(node, (child) => mentions(child, name) || undefined) ?? false;
}
