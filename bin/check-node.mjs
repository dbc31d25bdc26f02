// Imported before everything else, also by very old versions of Node: no syntax or module that Node 14 does not have.

/** As in package.json, `engines`. */
export const NEEDED = '20.19';

/**
 * Returns the error for a version of Node that is too old, else undefined.
 * @param {string} version e.g. `v18.20.4`
 * @returns {string | undefined}
 */
export function nodeProblem(version) {
  const parts = (text) => text.replace(/^v/, '').split('.').map(Number);
  const [major, minor] = parts(version);
  const [neededMajor, neededMinor] = parts(NEEDED);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined;
  return `error [node-too-old]: Node.js ${NEEDED} or newer is needed; this is ${version}.\n  next: Install it from https://nodejs.org, then run the command again.`;
}

const problem = nodeProblem(process.version);
if (problem !== undefined) {
  console.error(problem);
  process.exit(2);
}
