import type { EntityOf } from '../../domain/entities.js';
import { clip, fieldOf, lowerOf, textOf } from '../text.js';
import { utcTime } from '../time.js';
import { fingerprint } from '../warnings.js';
import { omitUndefined } from './omit-undefined.js';

/** A Process entity. Process ids are reused: only an id with a creation time identifies one process. */
export function processOf(
  properties: unknown,
  imageName: (id: string) => string | undefined,
): EntityOf<'process'> | undefined {
  const of = (key: string) => textOf(fieldOf(properties, key));
  const pid = of('processId');
  const commandLine = of('commandLine');
  const created = utcTime(fieldOf(properties, 'creationTimeUtc'));
  const imageId = of('imageFileEntityId');
  const image = imageId === undefined ? undefined : imageName(imageId);
  if (pid === undefined && commandLine === undefined && image === undefined) return undefined;
  return {
    kind: 'process',
    key: `process:${fingerprint([pid, created, commandLine, image, lowerOf(fieldOf(properties, 'hostEntityId'))])}`,
    display: clip(commandLine ?? image ?? `process ${pid}`, 200),
    identity: pid && created ? 'strong' : 'weak',
    ...omitUndefined({ pid, commandLine, image }),
  };
}
