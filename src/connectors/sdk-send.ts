/** Sends through a client of an SDK, and takes the service's answer itself: the SDK's own errors and parsers vary. */
import { isRestError } from '@azure/core-rest-pipeline';
import type { ServiceResponse } from './http-types.js';

export interface SdkCallOptions {
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: Received) => void;
}

interface Received {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null | undefined;
}

/** @throws whatever the SDK throws if there was no answer. */
export async function sdkSend(
  call: (options: SdkCallOptions) => Promise<unknown>,
  abortSignal: AbortSignal,
): Promise<ServiceResponse> {
  let answer: ServiceResponse | undefined;
  const onResponse = (response: Received): void => {
    answer = {
      status: response.status,
      header: (name) => response.headers.get(name),
      text: response.bodyAsText ?? '',
    };
  };
  try {
    await call({ abortSignal, onResponse });
  } catch (error) {
    if (isRestError(error) && error.response !== undefined) onResponse(error.response);
    if (answer === undefined) throw error;
  }
  if (answer === undefined) throw new TypeError('the client sent nothing');
  return answer;
}
