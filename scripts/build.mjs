// Builds what runs, without a type check (`npm run typecheck`): each TypeScript file as one JavaScript file, and two
// bundles, because Node.js loads hundreds of modules much slower than a few large files: the Functions app in dist/app.js
// and the command line in dist/cli/. Only what changed is built. Run it, or import `build`.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** Where the JavaScript of each folder with sources goes. */
const FOLDERS = {
  src: 'dist/src',
  'packages/functions-emulator/src': 'packages/functions-emulator/dist',
  'packages/tenant-simulator/src': 'packages/tenant-simulator/dist',
};
/** The first entry of a bundle has the name of its main file. */
const APP = {
  folder: 'dist',
  entries: { app: 'src/app/index.ts' },
  contains: (file) => file.startsWith('src/') && !file.startsWith('src/cli/'),
  // Only a Functions host can provide this module.
  external: ['@azure/functions-core'],
  output: {
    chunkFileNames: '[name].js',
    // Apart, so that a thread can load the app again and keep its libraries.
    codeSplitting: { groups: [{ name: 'libraries', test: /node_modules/ }] },
  },
};
const COMMAND_LINE = {
  folder: 'dist/cli',
  // The Teams client's process loads the second one.
  entries: { index: 'src/cli/index.ts', 'teams-loopback': 'src/cli/teams-loopback.ts' },
  // A test makes sure that it imports nothing of these two.
  contains: (file) => file.startsWith('src/') && !/^src\/(app|orchestrator)\//.test(file),
  // The packages have files of their own beside them; only `validate --live` and the demo need the SDKs.
  external: [/^(functions-emulator|tenant-simulator)(\/|$)/, /^@(azure|microsoft)\//],
  // With a hash, because a process may be between two parts of an earlier bundle, whose exports have other names.
  output: { chunkFileNames: '[name]-[hash].js' },
};
/** How long a running command may still load parts of the bundle that it started with. */
const KEEP_PARTS_MS = 24 * 3600 * 1000;
const STAMP = join(root, 'dist/.build.json');

/**
 * @param {(text: string) => void} [onWork] called once, before anything is built
 * @returns {Promise<number>} how many files were built; 0 = nothing had changed
 */
export async function build(onWork = () => {}) {
  const before = readStamp();
  const now = sources();
  const stale = Object.keys(now).filter((file) => before[file] !== now[file] || !existsSync(target(file)));
  const gone = Object.keys(before).filter((file) => file.endsWith('.ts') && now[file] === undefined);
  const bundles = [APP, COMMAND_LINE].filter(
    ({ contains, ...bundle }) => [...stale, ...gone].some(contains) || !existsSync(mainFile(bundle)),
  );
  if (stale.length === 0 && gone.length === 0 && bundles.length === 0) return 0;

  onWork(`Building ${stale.length === 0 ? 'the bundles' : `${stale.length} files`} …`);
  for (const file of gone) rmSync(target(file), { force: true });
  await Promise.all([transpile(stale), ...bundles.map(bundle)]);
  write(STAMP, JSON.stringify(now));
  return stale.length;
}

/** Size and time of each source, and of what the build itself depends on. */
function sources() {
  const own = ['scripts/build.mjs', 'package-lock.json'];
  const files = Object.keys(FOLDERS).flatMap((folder) =>
    // With their types: without them, Node.js queries each file, which takes ten times as long.
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith('.ts'))
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(root.length + 1)
          .replaceAll('\\', '/'),
      ),
  );
  const tools = createHash('sha256');
  for (const file of own) tools.update(readFileSync(join(root, file)));
  const tool = tools.digest('base64url').slice(0, 12);
  return Object.fromEntries(
    files.map((file) => {
      const { size, mtimeMs } = statSync(join(root, file));
      return [file, `${tool} ${size} ${mtimeMs}`];
    }),
  );
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

function mainFile({ folder, entries }) {
  return join(root, folder, `${Object.keys(entries)[0]}.js`);
}

function target(file) {
  const folder = Object.keys(FOLDERS).find((name) => file.startsWith(`${name}/`));
  return join(root, FOLDERS[folder], file.slice(folder.length + 1).replace(/\.ts$/, '.js'));
}

async function transpile(files) {
  const { transform } = await import('rolldown/utils');
  for (const file of files) {
    const { code, map, errors } = await transform(join(root, file), readFileSync(join(root, file), 'utf8'), {
      sourcemap: true,
      target: 'es2022',
      typescript: { onlyRemoveTypeImports: true },
      tsconfig: false,
    });
    if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join('; ')}`);
    // In the same file, because writing a file takes longer than transpiling it.
    const inline = Buffer.from(JSON.stringify(map)).toString('base64');
    write(target(file), `${code}//# sourceMappingURL=data:application/json;base64,${inline}\n`);
  }
}

async function bundle({ folder, entries, external, output }) {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, file)])),
    cwd: root,
    platform: 'node',
    external,
    tsconfig: false,
    logLevel: 'warn',
  });
  const generated = await bundle.generate({
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    ...output,
  });
  await bundle.close();
  // Entries last: they name the other files.
  const files = generated.output.sort((a, b) => Number(a.isEntry ?? false) - Number(b.isEntry ?? false));
  for (const file of files) write(join(root, folder, file.fileName), file.code ?? file.source);
  if (folder === COMMAND_LINE.folder) removeOld(folder, new Set(files.map(({ fileName }) => fileName)));
}

/** Removes the parts of earlier bundles, but not those that a process may still load. */
function removeOld(folder, current) {
  for (const name of readdirSync(join(root, folder))) {
    const path = join(root, folder, name);
    const isOld = Date.now() - statSync(path).mtimeMs > KEEP_PARTS_MS;
    if (isOld && !current.has(name)) rmSync(path, { force: true });
  }
}

/** All or nothing: another process may be loading the file. */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, text);
  renameSync(part, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build((text) => console.log(text));
