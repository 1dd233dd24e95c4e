import type { AwsError } from '../service';
import type { OperationModel, ProtocolName } from './model';
import { PROTOCOLS } from './protocols';
import type { WireResponse } from './wire';

/** A call with the answer it got. */
export interface AnsweredCall {
  readonly operation: OperationModel;
  readonly input: unknown;
  readonly answer: { readonly output: Record<string, unknown> } | { readonly error: AwsError };
}

/** Sees every call of an API model that was answered, in process or over HTTP. */
export type Witness = (call: AnsweredCall) => void;

/** The answer as it goes over the wire, in each protocol of the API that the twin speaks. */
export function wireForms({ operation, answer }: AnsweredCall, requestId: string): Array<{ protocol: ProtocolName; response: WireResponse }> {
  const spoken = (Object.keys(PROTOCOLS) as ProtocolName[]).filter((protocol) => operation.service.speaks(protocol));
  return spoken.map((protocol) => ({
    protocol,
    response: 'output' in answer
      ? PROTOCOLS[protocol].encode(answer.output, operation, requestId)
      : PROTOCOLS[protocol].encodeError(answer.error, operation.service, operation, requestId),
  }));
}
