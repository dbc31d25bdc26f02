/** What the process that starts the Teams client and the client's own process agree on. */

export const LOOPBACK = '127.0.0.1';
/** Set to what the answers carry in the header of `STARTED_BY`: so that another server on the port is not taken for it. */
export const START_VARIABLE = 'RESPONDER_TEAMS_START';
export const STARTED_BY = 'x-responder-start';
