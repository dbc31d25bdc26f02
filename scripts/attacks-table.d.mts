export interface AttackRow {
  readonly attack: string;
  readonly refused: string;
  readonly file: string;
  readonly title: string;
}
export interface Mutation {
  readonly attack: string;
  readonly refused: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}
export interface FileReport {
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly ancestorTitles: readonly string[];
    readonly title: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}
export function attackRows(markdown: string): AttackRow[];
export function mutations(yaml: string): Mutation[];
export function keyOf(row: Pick<AttackRow, 'attack' | 'refused'>): string;
export function patternOf(title: string): string;
export function outcomeOf(title: string, file?: FileReport): string;
