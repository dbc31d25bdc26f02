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
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** Where the JavaScript of each folder with sources goes. */
const FOLDERS = {
  src: 'dist/src',
  'packages/functions-emulator/src': 'packages/functions-emulator/dist',
  'packages/tenant-simulator/src': 'packages/tenant-simulator/dist',
};
const APP = {
  folder: 'dist',
  entries: { app: 'src/app/index.ts' },
  contains: (file) => file.startsWith('src/') && !file.startsWith('src/cli/'),
  // Only a Functions host can provide this module.
  external: ['@azure/functions-core'],
  // Apart, so that a thread can load the app again and keep what depends on no setting: libraries, and the folders
  // without state. Their schemas are built once, and their code stays compiled.
  output: {
    codeSplitting: {
      groups: [
        { name: 'libraries', test: /node_modules/ },
        {
          name: 'stateless',
          test: /[\\/]src[\\/](actions|approvals|connectors|domain|intake|orchestrator|playbook|views)[\\/]/,
        },
      ],
    },
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
  output: {},
};
/** How long a running process may still load parts of the bundle that it started with. */
const KEEP_PARTS_MS = 24 * 3600 * 1000;
const STAMP = join(root, 'dist/.build.json');
const LOCK = join(root, 'dist/.build.lock');
const LOOK_AGAIN_MS = 20;
/** A process was killed, or the power failed, between the creation of the lock and its content. */
const EMPTY_MS = 60_000;

/**
 * @param {(text: string) => void} [onWork] called before anything is built, and before it waits for another build
 * @returns {Promise<number>} how many sources had changed
 */
export async function build(onWork = () => {}) {
  if (changes() === undefined) return 0;
  const release = await takeLock(() => onWork('Waiting for another build …'));
  try {
    // Another build may have done it.
    const found = changes();
    return found === undefined ? 0 : await buildAll(found, onWork);
  } finally {
    release();
  }
}

/** What is to be built, by the stamp of the last build; undefined: nothing. */
function changes() {
  const before = readStamp();
  const now = sources();
  const stale = Object.keys(now).filter(
    (file) => before.sources[file] !== now[file] || !existsSync(target(file)),
  );
  const gone = Object.keys(before.sources).filter((file) => now[file] === undefined);
  const bundles = [APP, COMMAND_LINE].filter(
    ({ folder, contains }) =>
      [...stale, ...gone].some(contains) ||
      !(before.bundles[folder] ?? ['']).every((file) => file !== '' && existsSync(join(root, file))),
  );
  if (stale.length === 0 && gone.length === 0 && bundles.length === 0) return undefined;
  return { before, now, stale, gone, bundles };
}

async function buildAll({ before, now, stale, gone, bundles }, onWork) {
  onWork(`Building ${stale.length === 0 ? 'the bundles' : `${stale.length} files`} …`);
  for (const file of gone) rmSync(target(file), { force: true });
  const [, ...built] = await Promise.all([transpile(stale), ...bundles.map(bundle)]);
  const current = {
    ...before.bundles,
    ...Object.fromEntries(bundles.map(({ folder }, i) => [folder, built[i]])),
  };
  write(STAMP, JSON.stringify({ sources: now, bundles: current, replaced: removeReplaced(before, current) }));
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
  const nothing = { sources: {}, bundles: {}, replaced: {} };
  try {
    return { ...nothing, ...JSON.parse(readFileSync(STAMP, 'utf8')) };
  } catch {
    return nothing;
  }
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
    // With a hash, because a process may be between two parts of an earlier bundle, whose exports have other names.
    chunkFileNames: '[name]-[hash].js',
    ...output,
  });
  await bundle.close();
  // Entries last: they name the other files.
  const files = generated.output.sort((a, b) => Number(a.isEntry ?? false) - Number(b.isEntry ?? false));
  for (const file of files) write(join(root, folder, file.fileName), file.code ?? file.source);
  return files.map(({ fileName }) => `${folder}/${fileName}`);
}

/**
 * Removes the parts that were replaced a day ago. Returns the other replaced parts, each with when that was
 * (milliseconds since the epoch).
 */
function removeReplaced(before, bundles) {
  const current = new Set(Object.values(bundles).flat());
  const parts = Object.values(before.bundles).flat();
  const replaced = { ...Object.fromEntries(parts.map((file) => [file, Date.now()])), ...before.replaced };
  return Object.fromEntries(
    Object.entries(replaced).filter(([file, since]) => {
      if (current.has(file)) return false;
      const isKept = Date.now() - since <= KEEP_PARTS_MS;
      if (!isKept) rmSync(join(root, file), { force: true });
      return isKept;
    }),
  );
}

/**
 * One build at a time: of two that write the same files, the later one would leave a stamp for what the earlier one had
 * built of older sources. Resolves to a function that releases the lock.
 */
async function takeLock(onWait) {
  mkdirSync(dirname(LOCK), { recursive: true });
  for (let waits = 0; ; waits += 1) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      return () => rmSync(LOCK, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = lockHolder();
    if (isGone(holder)) removeLock(holder);
    else {
      if (waits === 0) onWait();
      await setTimeout(LOOK_AGAIN_MS);
    }
  }
}

/** The process id in the lock; empty while it is being taken, undefined if it has been released. */
function lockHolder() {
  try {
    return readFileSync(LOCK, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whether a process took the lock and has ended without releasing it. */
function isGone(holder) {
  if (holder === undefined) return false;
  if (holder === '')
    return Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > EMPTY_MS;
  try {
    process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Of several that wait, one can rename the file. If that was a lock taken meanwhile, it puts it back. */
function removeLock(holder) {
  const aside = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, aside);
    if (readFileSync(aside, 'utf8') === holder) rmSync(aside);
    else renameSync(aside, LOCK);
  } catch {
    // Another one was faster.
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
