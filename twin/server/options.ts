import { parseArgs } from 'node:util';

export interface ServeOptions {
  readonly port: number;
  readonly seed: number;
  readonly speed: number;
  readonly startTime: Date;
  readonly account: string;
  readonly region: string;
}

export const DEFAULT_PORT = 4580;
/** An hour of the account is a minute. */
const DEFAULT_SPEED = 60;

export const USAGE = `usage: cdk-mlops-twin serve [--port N] [--seed N] [--speed N] [--start-time ISO] [--account ID] [--region NAME]

An empty AWS account on this machine, for the AWS command line, SDKs and the CDK command line.
  --port        where it listens, on 127.0.0.1; 0 for any free port (default ${DEFAULT_PORT})
  --seed        same seed, same random names and numbers (default 1)
  --speed       how many times faster than real time its clock runs while nothing is in flight (default ${DEFAULT_SPEED})
  --start-time  its time at the start, for example 2026-01-01T00:00:00Z (default: now)
  --account     its twelve digits (default 123456789012)
  --region      its only region (default us-east-1)`;

/** Throws an error that says which option is wrong. */
export function serveOptions(args: readonly string[]): ServeOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) }, seed: { type: 'string', default: '1' }, speed: { type: 'string', default: String(DEFAULT_SPEED) },
      'start-time': { type: 'string' }, account: { type: 'string', default: '123456789012' }, region: { type: 'string', default: 'us-east-1' },
    },
  });
  const number = (name: 'port' | 'seed' | 'speed', isValid: (value: number) => boolean, allowed: string): number => {
    const value = Number(values[name]);
    if (values[name].trim() === '' || !isValid(value)) throw new Error(`--${name} is '${values[name]}'; give ${allowed}`);
    return value;
  };
  const startTime = values['start-time'] === undefined ? new Date() : new Date(values['start-time']);
  if (Number.isNaN(startTime.getTime())) throw new Error(`--start-time is '${values['start-time']}'; give a time like 2026-01-01T00:00:00Z`);
  if (!/^\d{12}$/.test(values.account)) throw new Error(`--account is '${values.account}'; give twelve digits`);
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(values.region)) throw new Error(`--region is '${values.region}'; give a region like us-east-1`);
  return {
    port: number('port', (port) => Number.isInteger(port) && port >= 0 && port < 65_536, 'a port from 0 to 65535'),
    seed: number('seed', Number.isInteger, 'a whole number'),
    speed: number('speed', (speed) => speed > 0 && Number.isFinite(speed), 'a number above 0'),
    startTime, account: values.account, region: values.region,
  };
}
