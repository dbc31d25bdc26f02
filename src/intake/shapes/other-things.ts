/** Things that are neither incidents nor alerts: parts of incidents, records of other services, and answers of APIs. */
import { isObject, type Json, listOf } from '../text.js';
import { has, isOData, named, refusedShape, type Shape } from './shape.js';

const thing = (
  name: Parameters<typeof refusedShape>[0],
  what: string,
  matches: (value: Json) => boolean,
  path = '',
): Shape => refusedShape(name, { reason: `This is ${what}, not an incident.`, path }, matches);

const isType = (...names: string[]) => {
  const types = names.map((name) => `microsoft.securityinsights/${name}`);
  return (value: Json) => types.includes(named(value, 'type'));
};

/** Kinds of a REST entity are text, and so is the name of its type. */
const isEntity = (value: Json) =>
  isType('entities')(value) || (has(value, 'kind', 'properties') && /\/entities\//i.test(named(value, 'id')));

export const OTHER_THINGS: readonly Shape[] = [
  thing('sentinel-entity', 'an entity of the Sentinel REST API', isEntity, 'kind'),
  thing('sentinel-entities', 'the list of the entities of an incident', (value) =>
    has(value, 'entities', 'metaData'),
  ),
  thing('sentinel-comment', 'a comment on an incident', isType('incidents/comments'), 'type'),
  thing('sentinel-task', 'a task of an incident', isType('incidents/tasks'), 'type'),
  thing('sentinel-bookmark', 'a bookmark or a relation', isType('bookmarks', 'incidents/relations'), 'type'),
  thing(
    'sentinel-watchlist-item',
    'a watchlist or an item of one',
    isType('watchlists', 'watchlists/watchlistitems'),
    'type',
  ),
  thing('sentinel-alert-rule', 'an analytics rule', isType('alertrules', 'alertruletemplates'), 'type'),
  thing(
    'graph-device',
    'a device of Microsoft Entra',
    (value) => isOData(value, '#devices/$entity') || has(value, 'deviceId', 'approximateLastSignInDateTime'),
  ),
  thing(
    'graph-user',
    'a user of Microsoft Entra',
    (value) => isOData(value, '#users/$entity') || has(value, 'userPrincipalName', 'id', 'displayName'),
  ),
  thing('defender-machine-action', 'a machine action of Defender', (value) =>
    has(value, 'requestor', 'machineId', 'status'),
  ),
  thing('defender-machine', 'a machine of Defender', (value) =>
    has(value, 'computerDnsName', 'healthStatus', 'lastSeen'),
  ),
  thing('defender-indicator', 'an indicator of Defender', (value) =>
    has(value, 'indicatorValue', 'indicatorType'),
  ),
  thing('defender-vulnerability', 'a vulnerability of Defender', (value) => has(value, 'cvssV3')),
  thing('defender-file-statistics', 'the statistics of a file in Defender', (value) =>
    has(value, 'globallyPrevalence'),
  ),
  thing('hunting-result', 'the result of a hunting query', (value) => has(value, 'Schema', 'Results')),
  thing('log-query-result', 'the result of a log query about something else', (value) =>
    listOf(value.tables).some((table) => has(table, 'columns', 'rows')),
  ),
  thing('sign-in-error', 'an error of a sign-in to Microsoft Entra', (value) =>
    has(errorIn(value), 'error_description'),
  ),
  // Others end so, too: Microsoft Graph's and Azure's have `innerError`, Log Analytics' has `innererror`.
  thing(
    'log-query-error',
    'an error of Log Analytics',
    (value) =>
      /^[A-Za-z]+Error$/.test(codeOf(value)) &&
      codeOf(value) !== 'InternalServerError' &&
      !has(errorIn(value)?.error, 'innerError'),
  ),
  thing('defender-error', 'an error of the Defender API', (value) =>
    has(errorIn(value)?.error, 'code', 'target'),
  ),
  thing('service-error', 'an error that a service returned', (value) => codeOf(value) !== ''),
  thing(
    'empty-answer',
    'an answer of a service without content',
    (value) => has(value, 'status', 'body') && (value.body === '' || value.body === null),
  ),
  thing('workflow-definition', 'the definition of an action of a Logic App', (value) =>
    Object.values(value).some((action) => has(action, 'type', 'inputs')),
  ),
  thing('api-example', 'an example of an API, with its parameters and responses', (value) =>
    has(value, 'parameters', 'responses'),
  ),
];

/** The error, alone or as the body of an answer with its HTTP status. */
function errorIn(value: Json): Json | undefined {
  const body = has(value, 'status', 'body') ? value.body : value;
  return isObject(body) && Object.hasOwn(body, 'error') ? body : undefined;
}

const codeOf = (value: Json): string => {
  const error = errorIn(value)?.error;
  return isObject(error) && typeof error.code === 'string' ? error.code : '';
};
