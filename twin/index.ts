export { Clock, type Timer } from './clock';
export type { DurationInput } from './duration';
export type { AnsweredCall, Authorizer, Decision, Fault, FaultPlan, Witness } from './http';
export { Random } from './random';
export * from './service';
export { StackOperationError } from './services/cloudformation';
export { TemplateError, TemplateErrors } from './template';
export { Twin, type DeployOptions, type StackOutputs, type TwinOptions } from './twin';
export type { AwsEvent, CallRecord, CallRequest, World } from './world';
