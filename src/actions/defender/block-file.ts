import { ResponderError } from '../../domain/errors.js';
import type { Refusal } from '../define.js';
import { type FileProfile, fileResolver } from './files/file-resolver.js';
import { blockAction } from './indicators/block-action.js';

/** Blocks a file on all devices for thirty days. */
export default blockAction({
  name: 'defender.block-file',
  title: 'Block the file on all devices',
  entity: 'file',
  impact:
    'No onboarded device runs, reads or writes the file for thirty days, and Defender removes it where it finds it. Only programs and libraries of Windows (PE files) are blocked.',
  lasts: '30d',
  permissions: [
    { api: 'WindowsDefenderATP', name: 'File.Read.All', why: 'see which file it is, and who signed it' },
  ],
  target: {
    resolver: fileResolver,
    accept({ profile }, { id }) {
      return (
        refusalOf(profile) ?? {
          ok: true,
          input: { type: id.length === SHA1_LENGTH ? 'FileSha1' : 'FileSha256', value: id },
        }
      );
    },
  },
  async precheck({ value }, ctx) {
    const file = await fileResolver.read(value, ctx);
    const refusal = file.ok ? refusalOf(file.found.profile) : file;
    if (refusal === undefined) return;
    throw new ResponderError({
      code: refusal.code,
      message: refusal.reason,
      fault: 'caller',
      retry: 'no',
      next: 'Check the file in the Defender portal.',
    });
  },
});

const SHA1_LENGTH = 40;

/** Defender would remove a part of Windows from all devices. */
function refusalOf(profile: FileProfile | undefined): Refusal | undefined {
  if (profile?.isValidCertificate !== true || !/^microsoft\b/i.test(profile.signer ?? '')) return undefined;
  const reason =
    'The file is signed by Microsoft: it is part of Windows or of another product, and is not blocked.';
  return { ok: false, code: 'unsupported-target', reason };
}
