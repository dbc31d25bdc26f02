/** A copy of a host's data directory at one moment: the state for the next start if the process is killed then. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface CrashImages {
  /** Pass this one to the host that will be killed. */
  readonly dataDirectory: string;
  /** A copy of its current state, for the next start. */
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
      // The lock belongs to the running process.
      cpSync(dataDirectory, image, { recursive: true, filter: (path) => basename(path) !== 'lock.db' });
      return image;
    },
  };
}
