import { Duration, Token } from 'aws-cdk-lib';
import { hasArmProcessors } from './instance-architecture.contract';

/** Each check gives the fault in words, or undefined. A token is never judged: its value is not known at synthesis. */
type Fault = string | undefined;

export interface NumberBounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly integer?: boolean;
}

export function checkNumber(name: string, value: number | undefined, bounds: NumberBounds): Fault {
  if (value === undefined || Token.isUnresolved(value)) return undefined;
  const low = bounds.minimum ?? -Infinity;
  const high = bounds.maximum ?? Infinity;
  const right = Number.isFinite(value) && value >= low && value <= high && (!bounds.integer || Number.isInteger(value));
  return right ? undefined : `${name} is ${value}; give ${describe(bounds)}`;
}

function describe(bounds: NumberBounds): string {
  const kind = bounds.integer ? 'a whole number' : 'a number';
  if (bounds.minimum !== undefined && bounds.maximum !== undefined) return `${kind} from ${bounds.minimum} to ${bounds.maximum}`;
  if (bounds.minimum !== undefined) return `${kind} of at least ${bounds.minimum}`;
  if (bounds.maximum !== undefined) return `${kind} of at most ${bounds.maximum}`;
  return kind;
}

/** SageMaker's pattern for endpoints, jobs and groups; names of endpoints are lower-cased in ARNs, so ours are lower case. */
export function checkName(name: string, value: string | undefined, maximum = 63): Fault {
  if (value === undefined || Token.isUnresolved(value)) return undefined;
  if (/^[a-z0-9](-*[a-z0-9])*$/.test(value) && value.length <= maximum) return undefined;
  return `${name} is '${value}'; give 1 to ${maximum} lower-case letters, digits and hyphens, a letter or digit first and last`;
}

/** A column of a table with a header line. */
export function checkColumn(name: string, value: string | undefined): Fault {
  if (value === undefined || Token.isUnresolved(value)) return undefined;
  return value.trim() === '' || /[\r\n]/.test(value) ? `${name} is '${value}'; give the name of a column as its header line spells it` : undefined;
}

export function checkDuration(name: string, value: Duration | undefined, minimum: Duration, maximum: Duration): Fault {
  if (value === undefined || value.isUnresolved()) return undefined;
  const length = value.toMilliseconds({ integral: false });
  if (length >= minimum.toMilliseconds() && length <= maximum.toMilliseconds()) return undefined;
  return `${name} is ${value.toHumanString()}; give ${minimum.toHumanString()} to ${maximum.toHumanString()}`;
}

export function checkWholeHours(name: string, value: Duration | undefined): Fault {
  if (value === undefined) return undefined;
  // A token cannot be converted from another unit.
  if (value.isUnresolved()) return value.unitLabel() === 'hours' ? undefined : `${name} is a token of ${value.unitLabel()}; give Duration.hours(...)`;
  return value.toSeconds({ integral: false }) % 3600 === 0 ? undefined : `${name} is ${value.toHumanString()}; give whole hours`;
}

/** `ml.m5.large` and the like. */
export function checkInstanceType(name: string, value: string | undefined): Fault {
  if (value === undefined || Token.isUnresolved(value)) return undefined;
  return /^ml\.[a-z0-9-]+\.[a-z0-9-]+$/.test(value) ? undefined : `${name} is '${value}'; give a SageMaker instance type such as 'ml.m5.large'`;
}

/** `why` says what on that instance needs x86. */
export function checkX86(name: string, value: string | undefined, why: string): Fault {
  if (value === undefined || Token.isUnresolved(value) || !hasArmProcessors(value)) return undefined;
  return `${name} is '${value}', whose processors are Arm; ${why}, so choose an x86 type such as 'ml.m5.large'`;
}
