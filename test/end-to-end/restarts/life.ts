/** One incident across several lives of a responder: delivered once, decided once, whatever ends a life in between. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import type { CaseFile } from '../../../src/domain/case-file.js';
import { Running, temporaryDirectory } from '../../cli/run-cli.js';
import { type Channel, channels } from './channels.js';
import { type Trigger, triggers } from './triggers.js';

const CHILD = 'test/end-to-end/restarts/child.mjs';
const CLIENT = '00000000-0000-4000-8000-00000000c22e';
const MOST_LIVES = 4;

/** The report of a life once it accepts messages. */
export interface Ready {
  readonly url: string;
  readonly functionKey: string;
  readonly serviceBus: string;
  readonly eventGrid: { readonly url: string; readonly key: string };
  readonly signInLink: string;
  readonly personToken: string;
  /** Milliseconds since the Unix epoch, in virtual time. */
  readonly now: number;
}
export interface Life {
  readonly ready: Ready;
  /** Signs decisions on Service Bus. */
  readonly key: CryptoKey;
  next(kind: string): Promise<Readonly<Record<string, unknown>>>;
  say(line: 'go' | 'click'): void;
}

/** How a life ends: at its k-th durable commit, by a power cut or by the platform. */
export interface Stop {
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly commit: number;
}
export interface Way {
  readonly trigger: Trigger;
  readonly channel: Channel;
}

interface Ended {
  readonly commits: number;
  readonly file: CaseFile;
  readonly status: { readonly revision?: number };
  readonly comments: readonly { readonly properties: { readonly message: string } }[];
  readonly channelMessages: readonly { readonly activity: { readonly attachments: readonly unknown[] } }[];
  readonly publishedEvents: readonly { readonly event: LifeEvent }[];
}
interface LifeEvent {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly sequence: number; readonly links?: unknown };
}

/** The results of an incident that a restart must not change. */
export interface Result {
  readonly outcome: string | undefined;
  readonly effects: readonly string[];
  readonly decisions: readonly string[];
  readonly isolations: number;
  readonly revocations: number;
  readonly comments: readonly string[];
  readonly cards: number;
  /** The types of the lifecycle events, each event once. */
  readonly life: readonly string[];
}
export interface Handled {
  readonly result: Result;
  /** Durable commits of the last life. */
  readonly commits: number;
  /** Whether a life was ended early. */
  readonly stopped: boolean;
  readonly course: string;
}

/** @throws Error if the incident is not handled after some lives. */
export async function handleOnce(way: Way, stop?: Stop): Promise<Handled> {
  const { path, remove } = temporaryDirectory();
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const environment = {
    APPROVALS_CLIENT_ID: CLIENT,
    DECISION_SENDERS: JSON.stringify([
      { id: 'soar', name: 'SOAR', keys: [{ ...(await exportJWK(publicKey)), kid: 's1' }] },
    ]),
  };
  const taken = { delivered: false, decided: false };
  let stopped = false;
  let course = '';
  for (let life = 1; life <= MOST_LIVES; life++) {
    const at = life === 1 && stop !== undefined ? { STOP_AT: `${stop.signal} ${stop.commit}` } : {};
    const child = new Running([CHILD, path], { ...environment, ...at });
    const ended = await live(child, privateKey, way, taken);
    const { code, signal, stderr } = await child.ended;
    course += `\nlife ${life}: ${signal ?? code} ${JSON.stringify(taken)} ${stderr}`;
    if (ended !== undefined) {
      const result = resultOf(ended, writesIn(path));
      remove();
      return { result, commits: ended.commits, stopped, course };
    }
    stopped = true;
    if (signal !== 'SIGKILL' && code !== 143) break;
  }
  throw new Error(`It was not handled: ${JSON.stringify({ way, stop })}${course}`);
}

/** Runs until the incident is handled or the life ends; unacknowledged messages then count as not accepted. */
async function live(
  child: Running,
  key: CryptoKey,
  { trigger, channel }: Way,
  taken: { delivered: boolean; decided: boolean },
): Promise<Ended | undefined> {
  const next = (kind: string) => child.kind(kind);
  const say = (line: string) => void child.child.stdin.write(`${line}\n`);
  child.child.stdin.on('error', () => undefined);
  try {
    const life: Life = { ready: (await next('ready')) as unknown as Ready, key, next, say };
    if (!taken.delivered) await triggers[trigger](life.ready);
    taken.delivered = true;
    say('go');
    const waiting = next('waiting').then(async () => {
      if (!taken.decided) await channels[channel](life);
      taken.decided = true;
      say('go');
    });
    // A life that continues after the decision needs no other decision.
    waiting.catch(() => undefined);
    return (await next('ended')) as unknown as Ended;
  } catch (error) {
    await child.ended;
    if (child.child.exitCode === 0) throw error;
    return undefined;
  }
}

/** Removes times, and ids that services assign. */
function timeless(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then')
    .replace(/\b\d\d:\d\d(?::\d\d)?\b/g, 'then')
    .replace(/\b(?:\d+ (?:d|h|min|s|ms) ?)+\b/g, 'a while')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id');
}

function writesIn(directory: string): string[] {
  const file = join(directory, 'writes');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}

function resultOf(ended: Ended, writes: readonly string[]): Result {
  const { file, status, comments, channelMessages } = ended;
  const writesTo = (pattern: RegExp) => writes.filter((write) => pattern.test(write)).length;
  if (status.revision !== undefined && file.revision !== status.revision)
    throw new Error(`The case file is at revision ${file.revision}, its instance at ${status.revision}.`);
  return {
    outcome: file.outcome,
    effects: file.effects.map(
      ({ stepId, state, proof }) => `${stepId} ${state} ${proof === undefined ? 'not ' : ''}proved`,
    ),
    // A decision without an answer is sent again, and then refused.
    decisions: file.decisions.filter(({ outcome }) => outcome.accepted).map(({ outcome }) => outcome.code),
    isolations: writesTo(/\/isolate$/),
    revocations: writesTo(/\/revokeSignInSessions$/),
    comments: comments.map(({ properties }) => timeless(properties.message)),
    cards: channelMessages.filter(({ activity }) => activity.attachments.length > 0).length,
    life: lifeOf(ended),
  };
}

/** What was published again after a restart is the same event, except for the address of the new process; none is missing. */
function lifeOf({ publishedEvents }: Ended): string[] {
  const byId = new Map<string, LifeEvent>();
  for (const { event } of publishedEvents) {
    const known = byId.get(event.id);
    if (known !== undefined && withoutLinks(known) !== withoutLinks(event))
      throw new Error(`Two events have the id ${event.id}: ${JSON.stringify([known, event])}`);
    byId.set(event.id, event);
  }
  const life = [...byId.values()].sort((a, b) => a.data.sequence - b.data.sequence);
  if (life.at(-1)?.data.sequence !== life.length) throw new Error(`Events are missing: ${[...byId.keys()]}`);
  return life.map(({ type }) => type).sort();
}

function withoutLinks({ data: { links: _, ...data }, ...event }: LifeEvent): string {
  return JSON.stringify({ ...event, data });
}
