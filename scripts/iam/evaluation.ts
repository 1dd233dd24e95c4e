import { Clock, type PolicyDocument, type Principal, type Twin } from '../../twin';
import { IamSimulation, type RolePolicies } from '../../twin/http';
import type { Observation } from './observer';
import { list, textOf, type Grant, type Statement } from './statement';

/** One statement of the template, and what stands in its place. */
export interface Change {
  readonly grant: Grant;
  readonly instead: readonly Statement[];
}

export type Account = Pick<Twin, 'account' | 'region' | 'partition'>;

const NOTHING: Statement = { Effect: 'Deny', Action: '*', Resource: '*' };
const EVERYTHING = { name: 'everything', policy: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } };

/** Answers the questions that were asked while the loop ran once more, under changed policies. */
export class Evaluation {
  static async of(grants: readonly Grant[], { account, region, partition }: Account): Promise<Evaluation> {
    const policies = { rolePolicies: (arn: string) => evaluation.rolePolicies(arn) };
    const clock = new Clock(new Date(0));
    const anybody = { kind: 'role', roleArn: `arn:${partition}:iam::${account}:role/anybody`, sessionName: 'probe' } as const;
    const evaluation: Evaluation = new Evaluation(grants, await IamSimulation.load({ clock, account, region, partition, policies }), anybody);
    return evaluation;
  }

  private change: Change | undefined;
  private changes = 0;
  private readonly texts = new WeakMap<object, ReadonlySet<string>>();

  private constructor(
    private readonly grants: readonly Grant[], private readonly simulation: IamSimulation,
    /** Somebody whose own policies allow everything, to see what the policies of resources deny. */
    readonly anybody: Principal & { readonly kind: 'role' },
  ) {}

  /** Whether the policies as they stand, or with one change, allow it. */
  async allows({ principal, request, time }: Pick<Observation, 'principal' | 'request' | 'time'>, change?: Change): Promise<boolean> {
    if (change !== this.change) this.changes += 1;
    this.change = change;
    const resourcePolicy = request.resourcePolicy === undefined ? undefined : this.resourcePolicy(request.resourcePolicy);
    return (await this.simulation.decide(principal, { ...request, resourcePolicy }, time)).allowed;
  }

  /** Whether the statement takes part in the decision about who asks for what, judged by where it stands alone. */
  concerns({ kind, roleArn, boundedRoleArns, statement }: Grant, principal: Principal, resourcePolicy: PolicyDocument | undefined): boolean {
    if (kind === 'identity') return principal.kind === 'role' && principal.roleArn === roleArn;
    if (kind === 'boundary') return principal.kind === 'role' && boundedRoleArns!.includes(principal.roleArn);
    return resourcePolicy !== undefined && this.textsOf(resourcePolicy).has(textOf(statement));
  }

  private rolePolicies(roleArn: string): RolePolicies {
    if (roleArn === this.anybody.roleArn) return { version: 0, identityPolicies: [EVERYTHING] };
    const policyOf = (grants: readonly Grant[]) => {
      const Statement = grants.flatMap((grant) => (grant === this.change?.grant ? this.change.instead : [grant.statement]));
      return { Version: '2012-10-17', Statement };
    };
    const own = policyOf(this.grants.filter((grant) => grant.kind === 'identity' && grant.roleArn === roleArn));
    const bounding = this.grants.filter((grant) => grant.boundedRoleArns?.includes(roleArn));
    const boundary = policyOf(bounding);
    // A boundary without a statement is one that allows nothing, not none.
    if (boundary.Statement.length === 0) boundary.Statement.push(NOTHING);
    return {
      version: this.changes, identityPolicies: own.Statement.length === 0 ? [] : [{ name: 'own', policy: own }],
      permissionsBoundary: bounding.length === 0 ? undefined : { name: 'boundary', policy: boundary },
    };
  }

  private resourcePolicy(document: PolicyDocument): PolicyDocument | undefined {
    const { change } = this;
    if (change === undefined || ['identity', 'boundary'].includes(change.grant.kind) || !this.textsOf(document).has(textOf(change.grant.statement))) return document;
    const text = textOf(change.grant.statement);
    const statements = list(document.Statement as Statement[]).flatMap((statement) => (textOf(statement) === text ? change.instead : [statement]));
    return statements.length === 0 ? undefined : { ...document, Statement: statements };
  }

  private textsOf(document: PolicyDocument): ReadonlySet<string> {
    let texts = this.texts.get(document);
    if (texts === undefined) {
      texts = new Set(list(document.Statement as Statement[]).map(textOf));
      this.texts.set(document, texts);
    }
    return texts;
  }
}
