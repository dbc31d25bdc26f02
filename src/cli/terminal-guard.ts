/** A process that is killed cannot restore the terminal. A shell does it: it waits for the end of a pipe from the process. */
import { execFileSync, spawn } from 'node:child_process';

// The signals of the terminal are for the process; without TTOU, a shell in the background may set the terminal.
const SCRIPT = 'trap "" INT QUIT TSTP TTOU HUP TERM; cat > /dev/null; stty "$1" < /dev/tty';

/** Call it before the terminal is changed. The returned function ends it, after the terminal was restored. */
export function guardTerminal(): () => void {
  if (process.platform === 'win32') return () => undefined;
  try {
    const settings = execFileSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
    const guard = spawn('sh', ['-c', SCRIPT, 'sh', settings.trim()], { stdio: ['pipe', 'ignore', 'ignore'] });
    guard.on('error', () => undefined);
    guard.unref();
    return () => guard.kill('SIGKILL');
  } catch {
    // Without stty there is no guard; every other end of the process restores the terminal.
    return () => undefined;
  }
}
