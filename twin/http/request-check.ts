import { AwsError } from '../service';
import type { OperationModel } from './model';
import { ShapeCheck } from './shape-check';

/** How each API calls a request that breaks its model; those not named say `ValidationException`. */
const CODES: Readonly<Record<string, string>> = {
  s3: 'InvalidArgument',
  cloudwatch: 'ValidationError',
  cloudformation: 'ValidationError',
  iam: 'ValidationError',
  sts: 'ValidationError',
  sns: 'InvalidParameter',
  sqs: 'InvalidParameterValue',
  ecr: 'InvalidParameterException',
  logs: 'InvalidParameterException',
  codebuild: 'InvalidInputException',
  'sagemaker-runtime': 'ValidationError',
};

/**
 * Checks an input in the SDK's shape against the model. Throws one error that names every problem, in the words AWS uses.
 */
export function checkRequest(operation: OperationModel, input: unknown): void {
  if (operation.input === undefined) return;
  const check = new ShapeCheck(operation);
  check.value(operation.input, input ?? {}, '');
  const { problems } = check;
  if (problems.length === 0) return;
  const count = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`;
  throw new AwsError(CODES[operation.service.name] ?? 'ValidationException', `${count} detected: ${problems.join('; ')}`);
}

