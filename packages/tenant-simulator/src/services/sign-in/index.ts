/** Entra sign-in of apps. The routes of its keys need the running service: `keyRoutes`. */
import type { SimulatedService } from '../../service.js';
import { SIGN_IN } from './host.js';
import { signInRoutes } from './tokens.js';

/** @param audiences of all services that tokens are issued for. */
export function signIn(audiences: readonly string[]): SimulatedService {
  return { hosts: [SIGN_IN], routes: signInRoutes(audiences) };
}
