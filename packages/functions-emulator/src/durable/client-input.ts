/** The durable client as an input binding of functions that the engine invokes, such as activities. */
import type { FunctionDefinition, InvocationRequest } from '../worker/worker-types.js';

const CLIENTS = ['durableClient', 'orchestrationClient'];

/** @param client JSON text of the binding. */
export function clientInputs(
  functions: readonly FunctionDefinition[],
  client: string,
): (request: InvocationRequest) => InvocationRequest {
  const inputsOf = new Map(
    functions.map(({ name, bindings }) => [
      name,
      Object.entries(bindings)
        .filter(([, { type }]) => CLIENTS.includes(String(type)))
        .map(([binding]) => ({ name: binding, data: { string: client } })),
    ]),
  );
  return (request) => {
    const inputs = inputsOf.get(request.functionName) ?? [];
    return inputs.length === 0 ? request : { ...request, inputs: [...request.inputs, ...inputs] };
  };
}
