// One process (a life) of a responder in virtual time; it may be ended with kill -9. The next life, in the same
// directory, continues at the time at which this one ended.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { virtualClock } from 'functions-emulator';
import { ResponderApi } from '../../dist/src/cli/approvals-api.js';
import { findFixture } from '../../dist/src/cli/fixture.js';
import { startResponder } from '../../dist/src/cli/responder.js';
import { signInToken } from '../../dist/src/cli/sign-in.js';

const signInSecret = '0'.repeat(64);

export function openLife(directory) {
  const fixture = findFixture('ransomware-on-workstation');
  const timeFile = join(directory, 'time');
  const clock = virtualClock(
    existsSync(timeFile) ? Number(readFileSync(timeFile, 'utf8')) : Date.parse(fixture.about.startsAt),
  );
  return {
    fixture,
    instanceId: fixture.instanceId,
    clock,
    /** The next life continues at this time. */
    rememberTime() {
      writeFileSync(timeFile, String(clock.now()));
    },
    async start(options) {
      const responder = await startResponder({
        source: { kind: 'simulated', tenant: fixture.tenant, stateDirectory: join(directory, 'tenant') },
        clock,
        signInSecret,
        analysts: fixture.about.analysts,
        port: 0,
        serviceBusPort: 0,
        dataDirectory: join(directory, 'host'),
        ...options,
      });
      return { responder, api: new ResponderApi(responder.host.url, signInToken(signInSecret)) };
    },
  };
}
