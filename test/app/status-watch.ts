import type { HostEvent } from 'functions-emulator';

export const has = (status: unknown, property: string): boolean =>
  typeof status === 'object' && status !== null && Reflect.has(status, property);

/** Waits for the custom status of instances. */
export class StatusWatch {
  readonly #watchers = new Set<(event: HostEvent) => void>();

  constructor(private readonly events: readonly HostEvent[]) {}

  saw(event: HostEvent): void {
    for (const watch of this.#watchers) watch(event);
  }

  /**
   * Resolves when the instance's custom status has had the property, but after a second at most: to ask for the case file
   * again and again meanwhile costs more than the run itself.
   */
  async shown(instanceId: string, property: string): Promise<void> {
    const isShown = (event: HostEvent): boolean =>
      event.kind === 'instance-changed' &&
      event.instanceId === instanceId &&
      has(event.customStatus, property);
    if (this.events.some(isShown)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(watch);
        resolve();
      };
      const watch = (event: HostEvent): void => {
        if (isShown(event)) done();
      };
      const timer = setTimeout(done, 1_000);
      this.#watchers.add(watch);
    });
  }
}
