// Plays a corpus of the Functions form (app, profiles.json, scenarios, recorded) against the embedded host.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { differences } from './functions-form/compare.mjs';
import { rules } from './functions-form/on-purpose.mjs';
import { playProfile } from './functions-form/play.mjs';

/** How many profiles are played at the same time, each on a host of its own. */
const TOGETHER = 3;

/**
 * @param {string} dir the corpus
 * @param {{only?: readonly string[] | undefined, print: (line: string) => void}} options names of scenarios to play
 *   (all without any) and where the lines of the report go
 * @returns {Promise<{same: number, different: number, onPurpose: number}>}
 */
export async function runFunctionsCorpus(dir, { only, print }) {
  const read = (...parts) => JSON.parse(readFileSync(join(dir, ...parts), 'utf8'));
  const profiles = read('profiles.json');
  const all = readdirSync(join(dir, 'scenarios'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => read('scenarios', file));
  const isWanted = ({ name }) => !only?.length || only.includes(name);
  const counts = { same: 0, different: 0, onPurpose: 0 };
  const queue = Object.entries(profiles);
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await playOne(...next);
  };
  async function playOne(profileName, profile) {
    const scenarios = all.filter((scenario) => (scenario.profile ?? 'base') === profileName);
    // The scenarios of a profile share one host, and some find what earlier ones have left behind.
    const played = scenarios.slice(0, scenarios.findLastIndex(isWanted) + 1);
    if (played.length === 0) return;
    for await (const { scenario, actual } of playProfile(dir, profile, played)) {
      const { name } = scenario;
      if (!isWanted(scenario)) continue;
      const recorded = read('recorded', `${name}.json`);
      report(name, differences(recorded, actual), recorded, counts, print);
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, work));
  return counts;
}

function report(name, found, recorded, counts, print) {
  const reasons = new Set();
  const rest = found.filter((difference) => {
    const rule = rules.find(({ holds }) => holds(difference, recorded));
    if (rule) reasons.add(rule.reason);
    return rule === undefined;
  });
  if (rest.length > 0) {
    counts.different++;
    print(`different   ${name}`);
    const short = (value) => JSON.stringify(value)?.slice(0, 300);
    for (const { path, expected, actual } of rest.slice(0, 8)) {
      print(`            ${path}: recorded ${short(expected)}, here ${short(actual)}`);
    }
  } else if (found.length > 0) {
    counts.onPurpose++;
    print(`on purpose  ${name}: ${[...reasons].join('; ')}`);
  } else {
    counts.same++;
    print(`same        ${name}`);
  }
}
