/** What a host's data directory holds at one moment: what the next start finds if the process is killed then. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface CrashImages {
  /** Give this one to the host that is to be killed. */
  readonly dataDirectory: string;
  /** A copy of it as it is now, for the next start. */
  take(): string;
}

export function crashImages(): CrashImages {
  const directories: string[] = [];
  const make = (): string => {
    const directory = mkdtempSync(join(tmpdir(), 'host-image-'));
    directories.push(directory);
    return directory;
  };
  onTestFinished(() => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });
  const dataDirectory = make();
  return {
    dataDirectory,
    take() {
      const image = make();
      // The lock belongs to the process that lives.
      cpSync(dataDirectory, image, { recursive: true, filter: (path) => basename(path) !== 'lock.db' });
      return image;
    },
  };
}
