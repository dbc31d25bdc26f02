/** Bounds the memory that request bodies take while they are read and used, however many come at once. */
import type { IncomingMessage } from 'node:http';

/** What a small body has does not count: nobody waits behind large ones with it. */
const smallBytes = 65_536;

interface Reservation {
  readonly request: IncomingMessage;
  bytes: number;
}

/** Beyond the shared amount only the oldest body goes on; the others wait unread in the network. */
export class BodyMemory {
  readonly #reservations = new Set<Reservation>();
  #total = 0;

  /** @param limit bytes of all bodies together; one alone may always be as long as it is */
  constructor(private readonly limit: number) {}

  /** Counts what of the request is held: `add` for each piece of it, `release` when all of it is let go. */
  reserve(request: IncomingMessage): { add(bytes: number): void; release(): void } {
    const holder: Reservation = { request, bytes: 0 };
    this.#reservations.add(holder);
    return {
      add: (bytes) => {
        holder.bytes += bytes;
        this.#total += bytes;
        if (!this.#mayContinue(holder)) request.pause();
      },
      release: () => {
        if (!this.#reservations.delete(holder)) return;
        this.#total -= holder.bytes;
        for (const waiting of this.#reservations) if (this.#mayContinue(waiting)) waiting.request.resume();
      },
    };
  }

  #mayContinue(holder: Reservation): boolean {
    const [oldest] = this.#reservations;
    return this.#total <= this.limit || holder === oldest || holder.bytes <= smallBytes;
  }
}
