export const NEEDED: string;
export function nodeProblem(version: string): string | undefined;
