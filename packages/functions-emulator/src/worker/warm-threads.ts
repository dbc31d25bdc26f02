/** Threads whose app's libraries are loaded and warm, kept between one host and the next. */
import type { WorkerThread } from './worker-thread.js';

/**
 * For test suites that start many hosts with the same app: the thread of a stopped host serves the next one. The app's
 * entry files (`main` of package.json) run again, with the new host's settings. The modules that they import stay loaded,
 * with what they remember; timers that the app leaves running go on, and listeners of `process` are removed. So it fits
 * apps that register their functions in the entry files, or that are bundled with their libraries in a file of their own.
 * A thread is not kept if the app streams HTTP (`enableHttpStream`), did not load, or has calls that still run a second
 * after the host's stop, nor after 40 loads; where the app does not load a second time, the host starts a new thread.
 *
 * @example
 * const warmThreads = new WarmThreads();
 * const host = await startHost({ appDirectory, warmThreads });
 * await host.stop();
 * await warmThreads.close();
 */
export class WarmThreads {
  readonly #idle: { readonly appDirectory: string; readonly thread: WorkerThread }[] = [];
  #isClosed = false;

  /** @internal A thread of this app that no host uses. */
  take(appDirectory: string): WorkerThread | undefined {
    const at = this.#idle.findIndex((one) => one.appDirectory === appDirectory);
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0]?.thread;
  }

  /** @internal Returns false if the thread is of no use for another host. */
  async keep(appDirectory: string, thread: WorkerThread): Promise<boolean> {
    if (this.#isClosed || !(await thread.unload())) return false;
    // It may have been closed meanwhile.
    if (this.#isClosed) return false;
    const kept = { appDirectory, thread };
    this.#idle.push(kept);
    void thread.ended.then(() => {
      const at = this.#idle.indexOf(kept);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return true;
  }

  /** Ends the kept threads; later hosts end their own. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#idle.splice(0).map(({ thread }) => thread.end()));
  }
}
