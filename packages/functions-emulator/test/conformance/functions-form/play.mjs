// Plays the scenarios of one profile against an embedded host that runs in a process of its own.
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { layOutApp } from '../lay-out.mjs';
import { normaliser } from './normalise.mjs';
import { send, sendRaw } from './request.mjs';

const startLimitMs = 30_000;

/** Lays the app out as the profile says. */
function layOut(corpus, profile) {
  const app = layOutApp(corpus);
  if (profile.hostJson !== undefined) {
    writeFileSync(
      join(app, 'host.json'),
      typeof profile.hostJson === 'string' ? profile.hostJson : JSON.stringify(profile.hostJson),
    );
  }
  if (profile.packageJson) {
    const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
    writeFileSync(join(app, 'package.json'), JSON.stringify({ ...manifest, ...profile.packageJson }));
  }
  for (const [path, text] of Object.entries(profile.files ?? {})) {
    mkdirSync(dirname(join(app, path)), { recursive: true });
    writeFileSync(join(app, path), text);
  }
  return app;
}

/** A started host: where it is, its keys, its process, and what it and the app write. */
async function startHost(corpus, profile) {
  const appDirectory = layOut(corpus, profile);
  const stateDirectory = realpathSync(mkdtempSync(join(tmpdir(), 'functions-state-')));
  // Beside the data, which the host lets nobody else see.
  const notes = mkdtempSync(join(tmpdir(), 'functions-notes-'));
  const traceFile = join(notes, 'trace');
  const logFile = join(notes, 'log');
  writeFileSync(logFile, '');
  // The recorded host had a stub for Service Bus; here the embedded broker is the namespace.
  const { ToyServiceBus: _, ...env } = profile.env ?? {};
  const argument = JSON.stringify({
    appDirectory,
    dataDirectory: stateDirectory,
    logFile,
    authOff: profile.auth !== 'on',
    settings: { ...env, TOY_TRACE: traceFile },
  });
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('host-process.mjs', import.meta.url)), argument],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const gone = new Promise((resolve) => child.on('exit', resolve));
  const first = await new Promise((resolve) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(JSON.parse(text));
    });
    void gone.then(() => resolve(undefined));
    setTimeout(() => resolve(undefined), startLimitMs).unref();
  });
  // A host that ended at once has no address: nobody listens on port 1.
  const host = first ?? { url: 'http://127.0.0.1:1', keys: {} };
  return {
    url: host.url,
    keys: await allKeys(host),
    paths: [
      [appDirectory, '<app>'],
      [stateDirectory, '<state>'],
    ],
    child,
    gone,
    traceFile,
    logFile,
    async stop() {
      child.kill('SIGKILL');
      await gone;
      rmSync(appDirectory, { recursive: true, force: true });
      rmSync(stateDirectory, { recursive: true, force: true });
      rmSync(notes, { recursive: true, force: true });
    },
  };
}

/** The host's keys and those of its extensions, as the admin API tells them. */
async function allKeys({ url, keys: { master, function: ofFunctions } }) {
  if (master === undefined) return {};
  const answer = await fetch(`${url}/admin/host/systemkeys?code=${master}`);
  const listed = answer.ok ? (await answer.json()).keys : [];
  const ofExtensions = listed.map(({ name, value }) => [name.replace(/_extension$/, ''), value]);
  return { master, function: ofFunctions, ...Object.fromEntries(ofExtensions) };
}

/** Reads the lines that a file has gained since the last time. */
function tail(file) {
  let offset = 0;
  return () => {
    if (!existsSync(file)) return [];
    const fresh = readFileSync(file).subarray(offset).toString();
    const end = fresh.lastIndexOf('\n') + 1;
    offset += Buffer.byteLength(fresh.slice(0, end));
    return fresh.slice(0, end).split('\n').filter(Boolean);
  };
}

/** @yields {{scenario: object, actual: object}} one for each scenario, in the order of their names */
export async function* playProfile(corpus, profile, scenarios) {
  const host = await startHost(corpus, profile);
  const normalise = normaliser(host);
  const trace = tail(host.traceFile);
  const log = tail(host.logFile);
  const events = (step) => trace().map((line) => ({ step, ...JSON.parse(normalise(line)) }));
  try {
    for (const scenario of scenarios) {
      const actual = { exchanges: [], trace: scenario.startTrace ? events('start') : [] };
      if (!scenario.startTrace) trace();
      if (!scenario.startLog) log();
      for (const [index, step] of scenario.steps.entries()) {
        actual.exchanges.push(rounded(await play(step, host, normalise)));
        await sleep(scenario.settleMs ?? 60);
        actual.trace.push(...events(index));
      }
      if (scenario.log) actual.log = log().map(normalise);
      yield { scenario, actual };
    }
  } finally {
    await host.stop();
  }
}

async function play(step, host, normalise) {
  if (step.request) return { request: step.request, response: await send(step.request, host, normalise) };
  if (step.raw) return { raw: step.raw, response: await sendRaw(step.raw, host, normalise) };
  if (step.sleep) {
    await sleep(step.sleep);
    return { sleep: step.sleep };
  }
  if (step.signal) {
    host.child.kill(step.signal);
    return { signal: step.signal };
  }
  if (step.parallel) {
    const one = async (part) => {
      await sleep(part.delayMs ?? 0);
      return play(part, host, normalise);
    };
    return { parallel: await Promise.all(step.parallel.map(one)) };
  }
  if (step.waitGone) {
    const begun = performance.now();
    const gone = await Promise.race([host.gone.then(() => true), sleep(step.waitGone, false)]);
    return { waitGone: step.waitGone, gone, ...(gone ? { ms: performance.now() - begun } : {}) };
  }
  if (step.until) return { until: step.until, response: await until(step.until, host, normalise) };
  throw new Error(`Unknown step ${JSON.stringify(step)}`);
}

async function until({ request, status, withinMs = 15_000 }, host, normalise) {
  const begun = performance.now();
  for (;;) {
    const response = await send(request, host, normalise);
    if (response.status === status || performance.now() - begun >= withinMs) return response;
    await sleep(100);
  }
}

/** Times become half seconds, and only those from 0.4 s on are kept. */
function rounded(exchange) {
  for (const part of exchange.parallel ?? []) rounded(part);
  for (const timed of [exchange.response, exchange]) {
    if (timed?.ms === undefined) continue;
    const seconds = timed.ms < 400 ? 0 : Math.round(timed.ms / 500) * 0.5;
    delete timed.ms;
    if (seconds > 0) timed.approxSeconds = seconds;
  }
  return exchange;
}
