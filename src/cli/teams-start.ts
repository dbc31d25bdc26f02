/** Constants shared by the process that starts the Teams client and by the client's own process. */

export const LOOPBACK = '127.0.0.1';
/** Environment variable with the value that responses carry in the header `STARTED_BY`; it identifies the client. */
export const START_VARIABLE = 'RESPONDER_TEAMS_START';
export const STARTED_BY = 'x-responder-start';
