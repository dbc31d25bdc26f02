/** What the connectors need to know; the app reads it from its settings. */
export interface ConnectorConfig {
  /** Entra tenant (GUID). */
  readonly tenantId?: string;
  readonly clientId?: string;
  /** Without it, in Azure, the app signs in with its managed identity or whatever DefaultAzureCredential finds. */
  readonly clientSecret?: string;
  /** `http://127.0.0.1:{port}`: every Azure host is mapped there and no other host can be reached. */
  readonly simulatedTenantUrl?: string;
  /** Path of a HAR file that gives all answers; wins over `simulatedTenantUrl`. */
  readonly recordedExchanges?: string;
  /** Path of a HAR file that is written anew with all exchanges, redacted. */
  readonly recordExchangesTo?: string;
  /** Longest time for one call with its repetitions, in milliseconds. Default 20000. */
  readonly timeoutMs?: number;
}

export interface Clock {
  now(): number;
}
