/** A playbook or policy file: its YAML as data, and the position of each value, key and character of an expression. */
import { isMap, isScalar, LineCounter, type Node, parseDocument, Scalar, visit } from 'yaml';
import { type PlaybookProblem, problem } from './problems.js';

const MAX_BYTES = 65_536;
/** Most errors after the first are its consequences. */
const MAX_SYNTAX_ERRORS = 5;
export type Path = readonly (string | number)[];

export class YamlSource {
  private constructor(
    readonly file: string,
    private readonly text: string,
    private readonly lines: LineCounter,
    private readonly root: Node,
    readonly data: unknown,
  ) {}

  /** Parses the file; returns all problems if that fails. `keys`: the keys that an empty file lacks. */
  static parse(file: string, text: string, keys: string): YamlSource | PlaybookProblem[] {
    const start = `${file}:1:1`;
    if (text.length > MAX_BYTES) {
      return [problem('yaml-too-large', start, `the file is larger than ${MAX_BYTES / 1024} KB`, 'split it')];
    }
    const unreadable = text.indexOf('\ufffd');
    if (unreadable >= 0) {
      const before = text.slice(0, unreadable).split('\n');
      const at = `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
      return [problem('yaml-not-utf-8', at, 'this is not UTF-8', 'save the file again in UTF-8')];
    }
    try {
      return read(file, text, keys, (lines, root, data) => new YamlSource(file, text, lines, root, data));
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      return [problem('yaml-too-deep', start, 'the file is nested too deeply')];
    }
  }

  /** The position of a value, or of its nearest parent if it is missing. */
  place(path: Path): string {
    for (let length = path.length; length >= 0; length--) {
      const node = this.node(path.slice(0, length));
      if (node?.range) return this.at(node.range[0]);
    }
    return this.at(0);
  }

  /** The position of a key of the mapping at a path. */
  keyPlace(path: Path, key: string): string {
    const map = this.node(path);
    const pair = isMap(map)
      ? map.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined;
    const range = isScalar(pair?.key) ? pair.key.range : undefined;
    return range ? this.at(range[0]) : this.place(path);
  }

  /** The position of the character with this offset (UTF-16) in a text value. */
  textPlace(path: Path, offset: number): string {
    const node = this.node(path);
    if (!isScalar(node) || !node.range || typeof node.value !== 'string') return this.place(path);
    return this.at(sourceOffset(this.text, node, offset));
  }

  private at(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }

  private node(path: Path): Node | undefined {
    let node: unknown = this.root;
    for (const step of path) {
      const next = (node as { get?: (key: unknown, keepScalar: true) => unknown }).get;
      if (typeof next !== 'function') return undefined;
      node = next.call(node, step, true);
      if (node === undefined || node === null) return undefined;
    }
    return node as Node;
  }
}

function read(
  file: string,
  text: string,
  keys: string,
  make: (lines: LineCounter, root: Node, data: unknown) => YamlSource,
): YamlSource | PlaybookProblem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const errors = [...document.errors, ...document.warnings];
  if (errors.some((error) => error.message.includes('call stack'))) throw new RangeError('nested too deeply');
  const problems = errors
    .slice(0, MAX_SYNTAX_ERRORS)
    .map((error) =>
      problem(
        yamlCode(error.code),
        at(error.pos[0]),
        yamlMessage(error.code, error.message),
        yamlNext(error.code),
      ),
    );
  visit(document, {
    Alias: (_key, node) => {
      const next = 'write the value out';
      problems.push(
        problem('yaml-alias', at(node.range?.[0] ?? 0), 'YAML aliases are not allowed here', next),
      );
    },
  });
  if (problems.length > 0) return problems;
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    return [problem('file-empty', `${file}:1:1`, 'the file is empty', `start with: ${keys}`)];
  }
  return make(lines, root as Node, document.toJS({ maxAliasCount: 0 }));
}

const yamlCode = (code: string) => (code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'yaml-syntax');
function yamlMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'duplicate key in the same mapping';
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML';
  if (code === 'MULTIPLE_DOCS') return 'a file holds one YAML document, not several';
  return message;
}
function yamlNext(code: string): string | undefined {
  if (code === 'DUPLICATE_KEY') return 'keep one of the two';
  return code === 'TAB_AS_INDENT' ? 'use spaces' : undefined;
}

/**
 * YAML folds lines, drops indentation and unescapes, so this walks through file and value in parallel. It is exact for
 * every visible character; white space within a fold may be off by some columns.
 */
function sourceOffset(text: string, node: Scalar, offset: number): number {
  const value = String(node.value);
  const range = node.range ?? [0, 0, 0];
  const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
  const block = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  let at = range[0] + (quoted ? 1 : 0);
  if (block) at = text.indexOf('\n', at) + 1;
  for (let i = 0; ; i++) {
    const wanted = value[i];
    while (at < range[1] && text[at] !== wanted && isBlank(text[at])) {
      if (isBlank(wanted) && !isBlank(text[at + 1])) break;
      at += 1;
    }
    if (i >= offset) return Math.min(at, range[1]);
    at += widthOf(text, at, node.type);
  }
}

/** How many characters of the file represent one character of the value. */
function widthOf(text: string, at: number, type: Scalar.Type | undefined): number {
  if (type === Scalar.QUOTE_SINGLE && text.startsWith("''", at)) return 2;
  if (type !== Scalar.QUOTE_DOUBLE || text[at] !== '\\') return 1;
  return { x: 4, u: 6, U: 10 }[text[at + 1] ?? ''] ?? 2;
}

const isBlank = (char: string | undefined) => char === ' ' || char === '\n' || char === '\t' || char === '\r';
