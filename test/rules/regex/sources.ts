/** The regular expressions of a source file. */
import ts from 'typescript';

export interface Found {
  readonly place: string;
  readonly pattern: string;
  readonly flags: string;
}

/** Finds literals, and `new RegExp(…)` of one text; any other construction has the pattern `undefined`. */
export function regexesOf(file: string, text: string): (Omit<Found, 'pattern'> & { pattern?: string })[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: (Omit<Found, 'pattern'> & { pattern?: string })[] = [];
  const visit = (node: ts.Node): void => {
    const place = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push({ place, pattern: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    } else if (isConstructor(node)) found.push({ place, flags: '' });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isConstructor(node: ts.Node): boolean {
  return (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp';
}
