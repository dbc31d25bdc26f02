/** Crashes of the host: it goes on from the state that its data directory had just before a commit. */
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Introspection } from 'functions-emulator';
import type { Responder } from './responder.js';

/**
 * What the host had under way at a crash is carried out, but not stored: its calls reach the tenant, and its answers the
 * clients.
 */
export class Crashes {
  readonly #parent = mkdtempSync(join(tmpdir(), 'crashes-'));
  readonly dataDirectory = mkdtempSync(join(this.#parent, 'data-'));
  #responder: Responder | undefined;
  #commitsLeft = Infinity;
  #isRestarting = false;
  #over: Promise<void> = Promise.resolve();
  #count = 0;

  readonly introspection: Introspection = {
    onCommit: () => {
      if (!this.#isRestarting && --this.#commitsLeft === 0) this.#crash();
      return 'continue';
    },
  };

  watch(responder: Responder): void {
    this.#responder = responder;
  }

  /** The host crashes before one of its next commits: 1 is the first. Infinity: not any more. */
  arm(commits: number): void {
    this.#commitsLeft = commits;
  }

  /** The number of crashes so far. */
  get count(): number {
    return this.#count;
  }

  /** Resolves when the host runs. */
  async running(): Promise<void> {
    while (this.#isRestarting) await this.#over;
  }

  /** Ends the host in an orderly way and starts the next one. */
  async restart(): Promise<void> {
    await this.running();
    this.#begin(() => undefined);
    await this.#over;
  }

  remove(): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }

  #crash(): void {
    const image = mkdtempSync(join(this.#parent, 'image-'));
    // The lock belongs to the running host.
    cpSync(this.dataDirectory, image, {
      recursive: true,
      filter: (path) => basename(path) !== 'lock.db',
    });
    this.#count += 1;
    this.#begin(() => {
      rmSync(this.dataDirectory, { recursive: true });
      renameSync(image, this.dataDirectory);
    });
  }

  #begin(meanwhile: () => void): void {
    const responder = this.#responder;
    if (responder === undefined) throw new Error('no responder to restart');
    this.#isRestarting = true;
    const goOn = responder.hold();
    this.#over = responder.restart(meanwhile).finally(() => {
      this.#isRestarting = false;
      goOn();
    });
  }
}
