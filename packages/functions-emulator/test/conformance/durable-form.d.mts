export function runDurableCorpus(
  dir: string,
  options: { only?: readonly string[] | undefined; once?: boolean; print: (line: string) => void },
): Promise<{ same: number; different: number; onPurpose: number; again: number }>;
