/** Configuration of the connectors; the app reads it from its settings. */
export interface ConnectorConfig {
  /** Entra tenant (GUID). */
  readonly tenantId?: string;
  readonly clientId?: string;
  /** Absent: the app signs in with its managed identity or another credential that DefaultAzureCredential finds. */
  readonly clientSecret?: string;
  /**
   * Client id of a user-assigned managed identity of the app whose token, instead of a secret, proves that the app is `clientId`,
   * also in another tenant.
   */
  readonly managedIdentityClientId?: string;
  /** `http://127.0.0.1:{port}`: every Azure host is mapped to it, and no other host can be reached. */
  readonly simulatedTenantUrl?: string;
  /** Path of a HAR file that supplies all responses; takes precedence over `simulatedTenantUrl`. */
  readonly recordedExchanges?: string;
  /** Path of a HAR file that is overwritten with all exchanges, redacted. */
  readonly recordExchangesTo?: string;
  /** Longest time for one call including retries, in milliseconds. Default 20000. */
  readonly timeoutMs?: number;
}

export interface Clock {
  now(): number;
}
