import type { Random } from '../random';

const SUFFIX = 12;

/** A physical name in CloudFormation's manner: `stack-logicalId-RANDOM`, both parts shortened alike to fit `max` characters. */
export function physicalName(stackName: string, logicalId: string, random: Random, max = 64, lowerCase = false): string {
  const suffix = random.text(SUFFIX);
  const room = max - SUFFIX - 2;
  const forStack = Math.min(stackName.length, Math.max(Math.floor(room / 2), room - logicalId.length));
  const name = `${stackName.slice(0, forStack)}-${logicalId.slice(0, room - forStack)}-${suffix}`;
  return lowerCase ? name.toLowerCase() : name;
}
