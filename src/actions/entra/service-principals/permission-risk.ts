/** Which permissions of an app let it harm the tenant, by their names. */

/** They change something, act as a user, or control everything. */
const CHANGES =
  /ReadWrite|Write|Manage|Send|Create|Delete|FullControl|AccessAsUser|full_access|impersonation/i;
/** They read what people write, or the whole directory. */
const CONTENT = /^(?:Mail|Files|Sites|Chat|ChannelMessage|Notes|Contacts|Calendars|Directory)\.Read/i;

/** Those are each user's own profile, and no harm. */
const HARMLESS = new Set(['openid', 'profile', 'email', 'offline_access', 'user.read']);

export const isRisky = (permission: string): boolean =>
  !HARMLESS.has(permission.toLowerCase()) && (CHANGES.test(permission) || CONTENT.test(permission));
