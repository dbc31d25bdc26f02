/** Apart from its users, so that the options of a command can be read before the program is loaded. */
export const DEFAULT_DATA_DIRECTORY = '.responder';
