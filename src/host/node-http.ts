/**
 * What the host takes from `node:http`. An import statement would load Node's web clients with it, which that module
 * offers, too: 20 ms and 9 MB in each thread.
 */
const http = process.getBuiltinModule('node:http');

export const { createServer, request: httpRequest, STATUS_CODES } = http;

/** Loads what TLS needs, which most hosts never do. */
export const httpsRequest = (): typeof http.request => process.getBuiltinModule('node:https').request;
