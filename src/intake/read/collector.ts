import type { Json } from '../text.js';
import { fieldOf, firstText, textOf } from '../text.js';
import { fingerprint } from '../warnings.js';

/** An entity in the form of Sentinel's REST API. */
export interface EntityResource {
  readonly name: string;
  readonly kind: string;
  readonly properties: Json;
}

const HASHES = ['SHA256', 'SHA1', 'MD5'] as const;

/** Collects entities from other forms, with a name for each, by which they link to each other. */
export class Collector {
  readonly entities: EntityResource[] = [];

  /** @param within a text that no other list of this incident has, such as the id of the alert */
  constructor(private readonly within: string) {}

  /** Returns the name of the entity. */
  add(kind: string, properties: Json): string {
    // By content, because the order of a list has no meaning.
    const name = `${this.within.replaceAll('/', '_')}#${fingerprint([kind, properties])}`;
    this.entities.push({ name, kind, properties });
    return name;
  }

  /** A file with its hashes: fields `fileName`, `filePath`, `sha1`, `sha256`, `md5`. Undefined: it has none of them. */
  file(from: unknown, more: Json = {}): string | undefined {
    const hashes = HASHES.flatMap((algorithm) => {
      const hashValue = textOf(fieldOf(from, algorithm));
      return hashValue === undefined ? [] : this.add('FileHash', { algorithm, hashValue });
    });
    const [fileName, directory] = [textOf(fieldOf(from, 'fileName')), textOf(fieldOf(from, 'filePath'))];
    if (fileName === undefined && hashes.length === 0) return undefined;
    return this.add('File', { ...more, fileName, directory, fileHashEntityIds: hashes });
  }

  /** An account: fields `accountName`, `domainName`, `userSid`, `azureAdUserId` or `aadUserId`, `userPrincipalName`. */
  account(from: unknown, more: Json = {}): string | undefined {
    const of = (...keys: string[]) => firstText(from, ...keys);
    const properties = {
      accountName: of('accountName', 'userName'),
      ntDomain: of('domainName', 'accountDomain'),
      sid: of('userSid', 'accountSid'),
      aadUserId: of('azureAdUserId', 'aadUserId', 'accountObjectId'),
      UserPrincipalName: of('userPrincipalName', 'accountUpn'),
      displayName: of('displayName'),
    };
    if (Object.values(properties).every((value) => value === undefined)) return undefined;
    return this.add('Account', { ...more, ...properties });
  }
}
