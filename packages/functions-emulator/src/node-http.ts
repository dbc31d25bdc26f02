/**
 * The part of `node:http` that the host uses. An import statement would also load Node's web clients, which that module
 * exports: 20 ms and 9 MB in each thread.
 */
const http = process.getBuiltinModule('node:http');

export const { createServer, request: httpRequest, STATUS_CODES } = http;

/** Loads TLS, which most hosts never need. */
export const httpsRequest = (): typeof http.request => process.getBuiltinModule('node:https').request;
