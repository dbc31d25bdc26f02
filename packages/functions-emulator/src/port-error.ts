/** The error for a port that cannot be opened. */
import { HostError } from './errors.js';

/** @param option of the command line, and of `startHost` */
export function portError(
  port: number,
  purpose: string,
  option: { readonly flag: string; readonly name: string },
  cause: NodeJS.ErrnoException,
): HostError {
  const [why, stop] =
    cause.code === 'EADDRINUSE'
      ? ['is used by another program', 'Stop that program, or choose']
      : [`cannot be opened (${cause.code ?? cause.message})`, 'Choose'];
  return new HostError(
    'port-in-use',
    `Port ${port} for ${purpose} ${why}. ${stop} another port with ${option.flag} (startHost: ${option.name}); 0 picks a free one.`,
    { cause },
  );
}
