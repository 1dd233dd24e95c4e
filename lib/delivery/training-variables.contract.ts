/** Variables of the training pipeline: how much of the newest data to train on, and what started the run. */
export const TRAINING_VARIABLES = { window: 'TrainingWindow', trigger: 'Trigger' } as const;

/** Their defaults. A variable cannot be empty. */
export const DEFAULT_TRAINING_WINDOW = 'default';
export const DEFAULT_TRIGGER = 'change';
