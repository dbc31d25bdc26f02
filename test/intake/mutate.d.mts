export const EXAMPLES: readonly string[];
export function mutant(seed: number): unknown;
