/** Apart from its users, so that the options of a command can be read before the program is loaded. */
export const DEFAULT_DATA_DIRECTORY = '.responder';

/** The fixture whose tenant is simulated if none is named. */
export const DEFAULT_FIXTURE = 'ransomware-on-workstation';
