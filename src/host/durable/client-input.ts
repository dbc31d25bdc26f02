/** The durable client as an input of functions that the engine itself calls: an activity may have one, too. */
import type { FunctionDefinition, InvocationRequest } from '../worker/types.js';

const CLIENTS = ['durableClient', 'orchestrationClient'];

/** @param client JSON text of the binding. */
export function withClientInputs(
  request: InvocationRequest,
  functions: readonly FunctionDefinition[],
  client: string,
): InvocationRequest {
  const definition = functions.find(({ name }) => name === request.functionName);
  const names = Object.entries(definition?.bindings ?? {})
    .filter(([, { type }]) => CLIENTS.includes(String(type)))
    .map(([name]) => name);
  if (names.length === 0) return request;
  return {
    ...request,
    inputs: [...request.inputs, ...names.map((name) => ({ name, data: { string: client } }))],
  };
}
