import { parseArgs } from 'node:util';

export interface Options {
  /** Profile of the AWS account to run in; undefined: the twin. */
  readonly profile?: string;
  readonly region?: string;
  readonly instanceType: string;
  readonly dryRun: boolean;
  /** Run whose resources are removed, instead of a run. */
  readonly cleanUp?: string;
  readonly yes: boolean;
  /** File for the result. */
  readonly json?: string;
  readonly seed: number;
}

export const USAGE = `usage: npm run acceptance -- [--dry-run] [--profile NAME [--region NAME] [--yes]] [--clean-up RUN] [--instance-type TYPE] [--json FILE] [--seed N]

Plays the whole loop through AWS's public endpoints and answers the questions of docs/unproven.md.
  --profile        in the AWS account of this profile; without it on the twin, which is started for it
  --region         region of the account (default: the profile's)
  --dry-run        only prints plan, cost, time and quotas; needs no credentials
  --yes            does not ask before it spends money
  --clean-up       removes what the run of this id left, for example after a crash
  --instance-type  of the endpoint (default ml.m5.large)
  --json           also writes the result to this file
  --seed           seed of the twin (default 1)`;

/** Throws an error that says which option is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string' }, region: { type: 'string' }, 'instance-type': { type: 'string', default: 'ml.m5.large' }, 'dry-run': { type: 'boolean', default: false },
      'clean-up': { type: 'string' }, yes: { type: 'boolean', default: false }, json: { type: 'string' }, seed: { type: 'string', default: '1' },
    },
  });
  const { profile, region, json, yes } = values;
  const [cleanUp, seed] = [values['clean-up'], Number(values.seed)];
  if (profile === undefined && region !== undefined) throw new Error('--region is for an account; give its --profile too');
  if (cleanUp !== undefined && !/^[a-z0-9]{6}$/.test(cleanUp)) throw new Error(`--clean-up is '${cleanUp}'; give the six letters and digits of the run that it printed`);
  if (cleanUp !== undefined && profile === undefined) throw new Error('--clean-up is for an account, the twin keeps nothing; give its --profile too');
  if (!/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(values['instance-type'])) throw new Error(`--instance-type is '${values['instance-type']}'; give a type like ml.m5.large`);
  if (!Number.isInteger(seed)) throw new Error(`--seed is '${values.seed}'; give a whole number`);
  return { profile, region, instanceType: values['instance-type'], dryRun: values['dry-run'], cleanUp, yes, json, seed };
}
