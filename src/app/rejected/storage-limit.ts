/** Bounds what one process stores of rejected bodies, so that a flood of them cannot fill the storage. */

const HOUR_MS = 3_600_000;

export class StorageLimit {
  #endsAt = 0;
  #bodies = 0;
  #bytes = 0;

  constructor(private readonly perHour: { readonly bodies: number; readonly bytes: number }) {}

  /** Counts one body. Returns false, and counts nothing, if the limit of this hour is reached. */
  take(bytes: number, now: number): boolean {
    if (now >= this.#endsAt) [this.#endsAt, this.#bodies, this.#bytes] = [now + HOUR_MS, 0, 0];
    if (this.#bodies >= this.perHour.bodies || this.#bytes + bytes > this.perHour.bytes) return false;
    this.#bodies++;
    this.#bytes += bytes;
    return true;
  }
}
