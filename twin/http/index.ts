export * from './authorization';
export { Credentials, type TemporaryCredentials } from './credentials';
export * from './faults';
export { HttpFront, type HttpFrontOptions, type PathHandler } from './front';
export { IamSimulation, type IamSimulationOptions } from './iam-simulation';
export { Models, type ServiceModel } from './model';
export { CallPipeline, type PipelineOptions } from './pipeline';
export { wireForms, type AnsweredCall, type Witness } from './witness';
export type { WireRequest, WireResponse } from './wire';
