import { AwsError, type PolicyDocument } from '../../service';

/* eslint-disable @typescript-eslint/no-explicit-any -- a policy is JSON of any shape until it is checked */

const STATEMENT_FIELDS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/** Checks the grammar of a policy as IAM does before it stores one: as an object or as JSON text. */
export function policyDocument(value: unknown, kind: 'identity' | 'trust'): PolicyDocument {
  const policy: any = typeof value === 'string' ? parsed(value) : value;
  if (typeof policy !== 'object' || policy === null) throw malformed('Syntax errors in policy.');
  if (policy.Version !== undefined && !['2012-10-17', '2008-10-17'].includes(policy.Version)) throw malformed('Policy document must be version 2012-10-17 or greater.');
  const statements: any[] = [policy.Statement ?? []].flat();
  if (statements.length === 0) throw malformed('Missing required field Statement');
  for (const statement of statements) checkStatement(statement, kind);
  const sids = statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined && sid !== '');
  const twice = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (twice !== undefined) throw malformed(`Statement IDs (SID) in a single policy must be unique: ${twice}`);
  return policy;
}

function checkStatement(statement: any, kind: 'identity' | 'trust'): void {
  for (const field of Object.keys(statement)) {
    if (!STATEMENT_FIELDS.includes(field)) throw malformed(`Syntax errors in policy: unknown field ${field}.`);
  }
  if (!['Allow', 'Deny'].includes(statement.Effect)) throw malformed(`Invalid effect: ${statement.Effect}`);
  if ((statement.Action === undefined) === (statement.NotAction === undefined)) throw malformed('Policy statement must contain actions.');
  const actions: string[] = [statement.Action ?? statement.NotAction].flat();
  const bad = actions.find((action) => action !== '*' && !/^[\w-]+:[\w*?-]+$/.test(action));
  if (actions.length === 0 || bad !== undefined) {
    throw malformed(`Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (got ${JSON.stringify(bad)})`);
  }
  const names = statement.Resource ?? statement.NotResource;
  const hasPrincipal = statement.Principal !== undefined || statement.NotPrincipal !== undefined;
  if (kind === 'identity') {
    if (hasPrincipal) throw malformed('Policy document should not specify a principal.');
    if (names === undefined || [names].flat().length === 0) throw malformed('Policy statement must contain resources.');
    for (const resource of [names].flat()) checkResource(resource);
  } else {
    if (!hasPrincipal) throw malformed('Missing required field Principal');
    if (names !== undefined) throw malformed('Has prohibited field Resource');
  }
}

function checkResource(resource: unknown): void {
  if (resource === '*') return;
  if (typeof resource !== 'string' || !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+/s.test(resource)) {
    throw malformed(`Resource ${JSON.stringify(resource)} must be in ARN format or "*".`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('Syntax errors in policy.');
  }
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message);
}
