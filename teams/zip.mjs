/** A ZIP of small files, stored as they are. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
import { crc32 } from 'node:zlib';

/** 1 January 2026, 00:00: the same files give the same bytes. */
const DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;

/** @param {Readonly<Record<string, Buffer>>} files by name. */
export function zip(files) {
  const locals = [];
  const directory = [];
  let offset = 0;
  for (const [name, data] of Object.entries(files)) {
    const common = entry(Buffer.byteLength(name), data);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), data]);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, more, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(locals.length, 8);
  end.writeUInt16LE(locals.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, list, end]);
}

/** What the local header and the directory's have in common. */
function entry(nameLength, data) {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  // Names are UTF-8.
  fields.writeUInt16LE(0x0800, 2);
  fields.writeUInt16LE(DATE, 8);
  fields.writeUInt32LE(crc32(data), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(data.length, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
}
