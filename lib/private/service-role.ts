import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, Dependable, DependencyGroup } from 'constructs';

/**
 * A role whose permissions are part of it, instead of a policy resource beside it: whoever refers to the role can use all
 * its permissions at once, and needs no dependency on a policy that is made later.
 */
class ServiceRole extends iam.Role {
  private readonly permissions: iam.PolicyDocument;

  constructor(scope: Construct, id: string, assumedBy: iam.IPrincipal) {
    const permissions = new iam.PolicyDocument();
    super(scope, id, { assumedBy, inlinePolicies: { Permissions: permissions } });
    this.permissions = permissions;
    withoutDependants(this);
  }

  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    this.permissions.addStatements(statement);
    return { statementAdded: true, policyDependable: new DependencyGroup() };
  }
}

/** A role that a service takes on for this account only, so that nobody else's resource can borrow it. */
export function serviceRole(scope: Construct, id: string, service: string, sourceArn?: string): iam.Role {
  const account = { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } };
  const conditions = sourceArn === undefined ? account : { ...account, ArnLike: { 'aws:SourceArn': sourceArn } };
  return new ServiceRole(scope, id, new iam.ServicePrincipal(service, { conditions }));
}

/** The role of a function. Lambda names no source when it takes a role on. */
export function functionRole(scope: Construct, id: string): iam.Role {
  return new ServiceRole(scope, id, new iam.ServicePrincipal('lambda.amazonaws.com'));
}

/** The role for a construct of the CDK that would add whole families of actions to it; what it may do is written by us. */
export function sealed(role: iam.Role): iam.IRole {
  return withoutDependants(role.withoutPolicyUpdates());
}

/** A reference to the role orders the resources; the CDK's own dependency on top of it would say the same again. */
function withoutDependants<R extends iam.IRole>(role: R): R {
  Dependable.implement(role, { dependencyRoots: [] });
  return role;
}
