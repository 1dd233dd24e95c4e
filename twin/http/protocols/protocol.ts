import { AwsError } from '../../service';
import type { OperationModel, ServiceModel } from '../model';
import type { WireRequest, WireResponse } from '../wire';

/** One of AWS's wire formats, driven by a model. */
export interface Protocol {
  decode(request: WireRequest, operation: OperationModel): Record<string, unknown>;
  encode(output: Record<string, unknown>, operation: OperationModel, requestId: string): WireResponse;
  /** `operation` is undefined where the request did not get that far. */
  encodeError(error: AwsError, api: ServiceModel | undefined, operation: OperationModel | undefined, requestId: string): WireResponse;
}

/** An error's own status, else the one its shape gives. */
export function statusOf(error: AwsError, modelled: number | undefined): number {
  return error.httpStatus === 400 ? modelled ?? 400 : error.httpStatus;
}
