import { type PlaybookProblem, problem } from './problems.js';
import type { Path, YamlSource } from './yaml-source.js';

export type Report = (code: string, path: Path, message: string, next: string) => void;

/** Collects the problems of one file. */
export class ProblemList {
  private readonly found: PlaybookProblem[] = [];
  constructor(private readonly source: YamlSource) {}

  add(...problems: readonly PlaybookProblem[]): void {
    this.found.push(...problems);
  }

  readonly report: Report = (code, path, message, next) => {
    this.add(problem(code, this.source.place(path), message, next));
  };

  refuseRepeated(names: readonly { readonly name: string | undefined; readonly path: Path }[]): void {
    const seen = new Set<string>();
    for (const { name, path } of names) {
      if (name === undefined) continue;
      if (seen.has(name)) this.report('repeated', path, `duplicate name "${name}"`, 'keep one');
      seen.add(name);
    }
  }

  /** All problems, in the order of their places. */
  get sorted(): PlaybookProblem[] {
    return [...this.found].sort(byPlace);
  }
}

function byPlace(a: PlaybookProblem, b: PlaybookProblem): number {
  const [lineA = 0, columnA = 0] = a.place.split(':').slice(-2).map(Number);
  const [lineB = 0, columnB = 0] = b.place.split(':').slice(-2).map(Number);
  return lineA - lineB || columnA - columnB;
}
