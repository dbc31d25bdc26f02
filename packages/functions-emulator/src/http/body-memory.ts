/** Limits the memory of request bodies while they are read and used, however many arrive at once. */
import type { IncomingMessage } from 'node:http';

/** Small bodies are not limited, so they never wait for large ones. */
const smallBytes = 65_536;

interface Reservation {
  readonly request: IncomingMessage;
  bytes: number;
}

/** Above the limit only the oldest body is read further; the others wait unread in the network. */
export class BodyMemory {
  readonly #reservations = new Set<Reservation>();
  #total = 0;

  /** @param limit bytes of all bodies together; one alone may always be as long as it is */
  constructor(private readonly limit: number) {}

  /** Reserves memory for one request: `add` for each chunk, `release` when the whole body is no longer used. */
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
