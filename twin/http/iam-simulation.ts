import type * as IamSimulate from '@cloud-copilot/iam-simulate';
import type { Clock } from '../clock';
import type { AuthorizationRequest, PolicyDocument, Principal } from '../service';
import { principalArn, type Authorizer, type Decision, type PolicySource, type RolePolicies } from './authorization';

export interface IamSimulationOptions {
  readonly policies: PolicySource;
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

type Context = Record<string, string | string[]>;

/**
 * The resource of an action that knows none. The simulator takes a `*` in a request for "some resource" and lets any statement match
 * it; on AWS only a statement on `*` does.
 */
const NO_RESOURCE = 'arn:aws:none:::no-resource';

const CACHE_LIMIT = 50_000;

const ADMINISTRATOR_ACCESS = { name: 'AdministratorAccess', policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } };

/** Evaluates identity, boundary and resource policies with their conditions. Decisions are remembered until a policy changes. */
export class IamSimulation implements Authorizer {
  private readonly decisions = new Map<string, Decision>();
  private readonly arrayKeys = new Map<string, boolean>();
  private readonly wildcardOnly = new Map<string, boolean>();

  private constructor(private readonly simulator: typeof IamSimulate, private readonly options: IamSimulationOptions) {}

  /** The simulator is an optional peer of the twin: its licence (AGPL) is for the user to accept. */
  static async load(options: IamSimulationOptions): Promise<IamSimulation> {
    let simulator: typeof IamSimulate;
    try {
      simulator = await options.clock.io('load the IAM simulator', import('@cloud-copilot/iam-simulate'));
    } catch (error) {
      throw new Error('the twin enforces permissions with @cloud-copilot/iam-simulate, which is not installed: '
        + 'install it (npm i -D @cloud-copilot/iam-simulate) or start the twin with authorization: \'off\'', { cause: error });
    }
    return new IamSimulation(simulator, options);
  }

  decide(principal: Principal, request: AuthorizationRequest, time: number): Decision | Promise<Decision> {
    // Whoever owns the account may do everything in it but become a role that does not trust the account.
    if (principal.kind === 'administrator' && request.action !== 'sts:AssumeRole') return { allowed: true };
    const role = principal.kind === 'role' ? this.options.policies.rolePolicies(principal.roleArn) : undefined;
    if (principal.kind === 'role' && role === undefined) {
      return { allowed: false, reason: `because the role ${principal.roleArn} does not exist` };
    }
    const key = cacheKey(principal, role, request, time);
    const known = this.decisions.get(key);
    if (known !== undefined) return known;
    return this.options.clock.io('authorisation', this.evaluate(principal, role, request, time)).then((decision) => {
      if (this.decisions.size >= CACHE_LIMIT) this.decisions.clear();
      this.decisions.set(key, decision);
      return decision;
    });
  }

  private async evaluate(principal: Principal, role: RolePolicies | undefined, request: AuthorizationRequest, time: number): Promise<Decision> {
    const simulation = await this.simulation(principal, role, request, time);
    const run = (change: Partial<IamSimulate.Simulation>) => this.simulator.runUnsafeSimulation({ ...simulation, ...change }, {});
    const result = run({});
    if (result === 'ExplicitlyDenied') {
      const byResource = simulation.resourcePolicy !== undefined && run({ resourcePolicy: undefined }) !== 'ExplicitlyDenied';
      const byBoundary = role?.permissionsBoundary !== undefined && run({ permissionBoundaryPolicies: undefined }) !== 'ExplicitlyDenied';
      const where = byResource ? 'a resource-based policy' : byBoundary ? 'a permissions boundary' : 'an identity-based policy';
      return { allowed: false, reason: `with an explicit deny in ${where}` };
    }
    const missing = (policy: string): Decision => ({ allowed: false, reason: `because no ${policy} allows the ${request.action} action` });
    if (result === 'ImplicitlyDenied') {
      if (principal.kind !== 'role') return missing('resource-based policy');
      const withoutBoundary = role?.permissionsBoundary !== undefined && run({ permissionBoundaryPolicies: undefined }) === 'Allowed';
      return missing(withoutBoundary ? 'permissions boundary' : 'identity-based policy');
    }
    const session = principal.kind === 'role' ? principal.sessionPolicy : undefined;
    if (session === undefined) return { allowed: true };
    // The simulator's unchecked run knows no session policies: the session is asked for as if it were all the role had. A key's policy
    // stays, without which KMS allows nothing.
    const bySession = run({
      identityPolicies: [{ name: 'session', policy: session }], permissionBoundaryPolicies: undefined,
      resourcePolicy: request.action.startsWith('kms:') ? simulation.resourcePolicy : undefined,
    });
    return bySession === 'Allowed' ? { allowed: true } : missing('session policy');
  }

  private async simulation(
    principal: Principal, role: RolePolicies | undefined, request: AuthorizationRequest, time: number,
  ): Promise<IamSimulate.Simulation> {
    const knowsResources = !(await this.isWildcardOnly(request.action));
    return {
      request: {
        principal: principalArn(principal, this.options.account, this.options.partition),
        action: request.action,
        resource: {
          resource: knowsResources && request.resource !== '*' ? literal(request.resource) : NO_RESOURCE,
          accountId: accountOf(request.resource) ?? this.options.account,
        },
        contextVariables: await this.context(principal, request, time),
      },
      identityPolicies: principal.kind === 'administrator' ? [ADMINISTRATOR_ACCESS] : [...(role?.identityPolicies ?? [])],
      permissionBoundaryPolicies: role?.permissionsBoundary === undefined ? undefined : [role.permissionsBoundary],
      resourcePolicy: request.resourcePolicy === undefined ? undefined : named(request.resourcePolicy),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    };
  }

  /** The global condition keys AWS fills in, and what the service knows about the request. */
  private async context(principal: Principal, request: AuthorizationRequest, time: number): Promise<Context> {
    const context: Context = {
      // The twin listens on loopback without TLS; on AWS the SDKs never do.
      'aws:SecureTransport': 'true',
      'aws:CurrentTime': new Date(time).toISOString(),
      'aws:EpochTime': String(Math.floor(time / 1000)),
      'aws:RequestedRegion': this.options.region,
      'aws:PrincipalIsAWSService': String(principal.kind === 'service'),
      'aws:ViaAWSService': 'false',
      'aws:ResourceAccount': accountOf(request.resource) ?? this.options.account,
    };
    if (request.action.startsWith('s3:')) Object.assign(context, { 's3:TlsVersion': '1.3', 's3:ResourceAccount': context['aws:ResourceAccount'] });
    if (principal.kind === 'service') {
      context['aws:PrincipalServiceName'] = principal.service;
      if (principal.sourceArn !== undefined) context['aws:SourceArn'] = principal.sourceArn;
      if (principal.sourceAccount !== undefined) context['aws:SourceAccount'] = principal.sourceAccount;
    } else if (principal.kind === 'role') {
      context['aws:PrincipalArn'] = principal.roleArn;
      context['aws:PrincipalAccount'] = principal.roleArn.split(':')[4]!;
      context['aws:PrincipalType'] = 'AssumedRole';
    } else {
      context['aws:PrincipalArn'] = principalArn(principal, this.options.account, this.options.partition);
      context['aws:PrincipalAccount'] = this.options.account;
      context['aws:PrincipalType'] = 'User';
    }
    for (const [key, value] of Object.entries(request.context ?? {})) {
      context[key] = (await this.isArray(key)) ? [value].flat() : [value].flat()[0] ?? '';
    }
    return context;
  }

  private async isWildcardOnly(action: string): Promise<boolean> {
    let known = this.wildcardOnly.get(action);
    if (known === undefined) {
      const [service, name] = action.split(':');
      try {
        known = await this.simulator.isWildcardOnlyAction(service!, name!);
      } catch (error) {
        throw new Error(`IAM knows no action ${action}; a service of the twin asks for it`, { cause: error });
      }
      this.wildcardOnly.set(action, known);
    }
    return known;
  }

  private async isArray(key: string): Promise<boolean> {
    let known = this.arrayKeys.get(key);
    if (known === undefined) {
      try {
        known = this.simulator.isConditionKeyArray(await this.simulator.typeForContextKey(key.toLowerCase()));
      } catch (error) {
        throw new Error(`IAM knows no condition key ${key}; a service of the twin gives it`, { cause: error });
      }
      this.arrayKeys.set(key, known);
    }
    return known;
  }
}

/** A bucket's ARN, like the wildcard, holds no account. */
function accountOf(arn: string): string | undefined {
  return arn.split(':')[4] || undefined;
}

/** The simulator's unchecked run fails on a resource policy without a name, and takes one only in this wrapping. */
function named(policyDocument: PolicyDocument): object {
  return { __validated: true, policyDocument, metadata: { name: 'resource' }, errors: [] };
}

/** In the ARN of a request `*`, `?` and line breaks are characters like any other (an object's key may hold them); no policy names them. */
function literal(arn: string): string {
  return arn.replace(/[*?\n\r\u2028\u2029]/g, (character) => encodeURIComponent(character).replace('*', '%2A'));
}

function cacheKey(principal: Principal, role: RolePolicies | undefined, request: AuthorizationRequest, time: number): string {
  const policies = role === undefined ? '' : `${role.version}`;
  const resourcePolicy = request.resourcePolicy === undefined ? '' : JSON.stringify(request.resourcePolicy);
  const timed = dependsOnTime(role) || resourcePolicy.includes('aws:CurrentTime') || resourcePolicy.includes('aws:EpochTime');
  return JSON.stringify([principal, policies, request.action, request.resource, request.context, resourcePolicy, timed ? time : 0]);
}

const timed = new WeakMap<RolePolicies, boolean>();

function dependsOnTime(role: RolePolicies | undefined): boolean {
  if (role === undefined) return false;
  let answer = timed.get(role);
  if (answer === undefined) {
    answer = /aws:(CurrentTime|EpochTime)/i.test(JSON.stringify([role.identityPolicies, role.permissionsBoundary]));
    timed.set(role, answer);
  }
  return answer;
}
