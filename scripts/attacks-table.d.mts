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
export function attackRows(markdown: string): AttackRow[];
export function mutations(yaml: string): Mutation[];
export function patternOf(title: string): string;
