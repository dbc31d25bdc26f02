/** Runs the folder rules of .dependency-cruiser.cjs over a source tree. */
import { createRequire } from 'node:module';
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { repository, SOURCES } from './repository.js';

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

const rules = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as IFlattenedRuleSet & {
  options: Record<string, unknown>;
};

export const ruleNames: readonly string[] = (rules.forbidden ?? []).map((rule) => rule.name ?? '');

/** `directory` contains the folders with sources, and must be able to resolve node_modules. */
export async function cruiseSources(
  directory: string,
): Promise<{ modules: readonly string[]; violations: readonly Violation[] }> {
  const { options, forbidden } = rules;
  const answer = await cruise(
    [...SOURCES],
    { ...options, ruleSet: { forbidden: forbidden ?? [] }, validate: true, baseDir: directory },
    undefined,
    { tsConfig: extractTSConfig(repository('tsconfig.json')) },
  );
  const { modules, summary } = answer.output as ICruiseResult;
  return {
    modules: modules
      .map(({ source }) => source)
      .filter((source) => SOURCES.some((folder) => source.startsWith(`${folder}/`))),
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}
