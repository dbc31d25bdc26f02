// Builds what runs, without a type check (`npm run typecheck`): each TypeScript file as one JavaScript file, and the
// Functions app also as one bundle, dist/app.js, because a host starts 85 modules and their libraries much slower than
// one file. Only what changed is built. Run it, or import `build`.
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
const APP = { entry: 'src/app/index.ts', bundle: 'dist/app.js' };
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
  const bundled = [...stale, ...gone].some(isOfApp) || !existsSync(join(root, APP.bundle));
  if (stale.length === 0 && gone.length === 0 && !bundled) return 0;

  onWork(`Building ${stale.length === 0 ? APP.bundle : `${stale.length} files`} …`);
  for (const file of gone) for (const end of ['', '.map']) rmSync(`${target(file)}${end}`, { force: true });
  await Promise.all([
    transpile(stale.filter((file) => file.endsWith('.ts'))),
    bundled ? bundle() : undefined,
  ]);
  write(STAMP, JSON.stringify(now));
  return stale.length;
}

/** Size and time of each source, and of what the build itself depends on. */
function sources() {
  const own = ['scripts/build.mjs', 'package-lock.json'];
  const files = Object.keys(FOLDERS).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
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

function isOfApp(file) {
  return file.startsWith('src/') && !file.startsWith('src/cli/');
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
    write(target(file), `${code}//# sourceMappingURL=${file.replace(/^.*\/|ts$/g, '')}js.map\n`);
    write(`${target(file)}.map`, JSON.stringify(map));
  }
}

async function bundle() {
  const { rolldown } = await import('rolldown');
  const app = await rolldown({
    input: join(root, APP.entry),
    cwd: root,
    platform: 'node',
    // Only a Functions host can provide this module.
    external: ['@azure/functions-core'],
    tsconfig: false,
    logLevel: 'warn',
  });
  const { output } = await app.generate({
    format: 'esm',
    sourcemap: true,
    entryFileNames: 'app.js',
    chunkFileNames: '[name].js',
    // Apart, so that a thread can load the app again and keep its libraries.
    codeSplitting: { groups: [{ name: 'libraries', test: /node_modules/ }] },
  });
  for (const file of output) write(join(root, 'dist', file.fileName), file.code ?? file.source);
  await app.close();
}

/** All or nothing: another process may be loading the file. */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, text);
  renameSync(part, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build((text) => console.log(text));
