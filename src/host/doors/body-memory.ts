/** Bounds the memory that request bodies take while they are read and used, however many come at once. */
import type { IncomingMessage } from 'node:http';

/** What a small body has does not count: nobody waits behind large ones with it. */
const smallBytes = 65_536;

interface Holder {
  readonly request: IncomingMessage;
  bytes: number;
}

/** Beyond the shared amount only the oldest body goes on; the others wait unread in the network. */
export class BodyMemory {
  readonly #holders = new Set<Holder>();
  #total = 0;

  /** @param limit bytes of all bodies together; one alone may always be as long as it is */
  constructor(private readonly limit: number) {}

  /** Counts what of the request is held: `add` for each piece of it, `release` when all of it is let go. */
  hold(request: IncomingMessage): { add(bytes: number): void; release(): void } {
    const holder: Holder = { request, bytes: 0 };
    this.#holders.add(holder);
    return {
      add: (bytes) => {
        holder.bytes += bytes;
        this.#total += bytes;
        if (!this.#mayGoOn(holder)) request.pause();
      },
      release: () => {
        if (!this.#holders.delete(holder)) return;
        this.#total -= holder.bytes;
        for (const waiting of this.#holders) if (this.#mayGoOn(waiting)) waiting.request.resume();
      },
    };
  }

  #mayGoOn(holder: Holder): boolean {
    const [oldest] = this.#holders;
    return this.#total <= this.limit || holder === oldest || holder.bytes <= smallBytes;
  }
}
