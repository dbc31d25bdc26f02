/** Batches the messages of one tick: each crossing between threads wakes the other one. */
export class MessageBatcher<Message> {
  #waiting: Message[] = [];

  constructor(private readonly post: (messages: readonly Message[]) => void) {}

  /** Posted at the end of the current tick. */
  add(message: Message): void {
    this.#waiting.push(message);
    if (this.#waiting.length === 1) process.nextTick(() => this.flush());
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    this.post(this.#waiting);
    this.#waiting = [];
  }
}
