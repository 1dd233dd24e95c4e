/** Tag of everything that a run makes. */
export const RUN_TAG = 'cdk-mlops:acceptance';

/** Where labelled flights are put, and what their columns are called. */
export const DATASET = { prefix: 'flights/', label: 'late', time: 'departure' } as const;

/** What the app of a run is told. */
export interface AppSettings {
  readonly stackName: string;
  readonly instanceType: string;
  /** Whether the endpoint scales: the change of settings. */
  readonly scales: boolean;
}
