export * from './authorization';
export { Credentials, type TemporaryCredentials } from './credentials';
export * from './faults';
export { HttpFront, type HttpFrontOptions, type PathHandler } from './front';
export { IamSimulation, type IamSimulationOptions } from './iam-simulation';
export { Models } from './model';
export { CallPipeline, type PipelineOptions } from './pipeline';
export type { WireRequest, WireResponse } from './wire';
