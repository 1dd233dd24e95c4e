import type { NamedPolicy, RolePolicies } from '../../http/authorization';
import { AwsError, type PolicyDocument } from '../../service';
import { awsManagedPolicy } from './aws-managed-policies';
import { policyDocument } from './policy-document';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface Role {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: Date;
  trustPolicy: PolicyDocument;
  description?: string;
  maxSessionSeconds: number;
  /** ARN of a managed policy. */
  permissionsBoundary?: string;
  tags: readonly Tag[];
  readonly inlinePolicies: Map<string, PolicyDocument>;
  /** ARNs. */
  readonly attachedPolicies: Set<string>;
}

export interface ManagedPolicy {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly description?: string;
  readonly createdAt: Date;
  document: PolicyDocument;
  /** 1 for the first document, one more for each that follows. */
  version: number;
}

const MAX_INLINE_CHARACTERS = 10_240;
const MAX_MANAGED_CHARACTERS = 6_144;
const MAX_TRUST_CHARACTERS = 2_048;
const MAX_ATTACHED = 10;

/** Roles and policies of the account. */
export class IamState {
  readonly roles = new Map<string, Role>();
  readonly managedPolicies = new Map<string, ManagedPolicy>();
  /** Grows with every change, so that a decision made before it can be told from one made after. */
  private changes = 0;
  private readonly evaluated = new Map<string, RolePolicies>();

  changed(): void {
    this.changes += 1;
    this.evaluated.clear();
  }

  role(name: string): Role {
    const role = this.roles.get(name);
    if (role === undefined) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
    return role;
  }

  roleByArn(arn: string): Role | undefined {
    const role = this.roles.get(arn.slice(arn.lastIndexOf('/') + 1));
    return role?.arn === arn ? role : undefined;
  }

  /** A policy of the account, or one that AWS itself manages. */
  managedPolicy(arn: string): { readonly name: string; readonly document: PolicyDocument } {
    const own = this.managedPolicies.get(arn);
    if (own) return own;
    const byAws = awsManagedPolicy(arn);
    if (byAws) return byAws;
    throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  }

  putInlinePolicy(role: Role, name: string, document: unknown): void {
    const checked = policyDocument(document, 'identity');
    const others = [...role.inlinePolicies].filter(([other]) => other !== name).map(([, policy]) => policy);
    const size = [...others, checked].reduce((sum, policy) => sum + sizeOf(policy), 0);
    if (size > MAX_INLINE_CHARACTERS) {
      throw new AwsError('LimitExceeded', `Maximum policy size of ${MAX_INLINE_CHARACTERS} bytes exceeded for role ${role.name}`, 409);
    }
    role.inlinePolicies.set(name, checked);
    this.changed();
  }

  attach(role: Role, policyArn: string): void {
    this.managedPolicy(policyArn);
    if (!role.attachedPolicies.has(policyArn) && role.attachedPolicies.size >= MAX_ATTACHED) {
      throw new AwsError('LimitExceeded', `Cannot exceed quota for PoliciesPerRole: ${MAX_ATTACHED}`, 409);
    }
    role.attachedPolicies.add(policyArn);
    this.changed();
  }

  /** A trust policy whose principals exist: IAM refuses a role that trusts a role that is not there. */
  trustPolicy(document: unknown): PolicyDocument {
    const checked = policyDocument(document, 'trust');
    limit(checked, MAX_TRUST_CHARACTERS, 'ACLSizePerRole');
    for (const statement of [checked.Statement].flat() as Array<{ Principal?: { AWS?: string | string[] } }>) {
      for (const principal of [statement.Principal?.AWS ?? []].flat()) {
        if (principal.includes(':role/') && this.isOwn(principal) && this.roleByArn(principal) === undefined) {
          throw new AwsError('MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${principal}"`);
        }
      }
    }
    return checked;
  }

  managedDocument(document: unknown): PolicyDocument {
    const checked = policyDocument(document, 'identity');
    limit(checked, MAX_MANAGED_CHARACTERS, 'PolicySize');
    return checked;
  }

  constructor(private readonly account: string) {}

  /** What a role may do, as an authoriser reads it; undefined if there is no such role (any more). */
  policiesOf(roleArn: string): RolePolicies | undefined {
    const known = this.evaluated.get(roleArn);
    if (known) return known;
    const role = this.roleByArn(roleArn);
    if (role === undefined) return undefined;
    const policies: RolePolicies = {
      version: this.changes,
      identityPolicies: [
        ...[...role.inlinePolicies].map(([name, policy]) => ({ name, policy })),
        ...[...role.attachedPolicies].map((arn) => this.named(arn)),
      ],
      permissionsBoundary: role.permissionsBoundary === undefined ? undefined : this.named(role.permissionsBoundary),
    };
    this.evaluated.set(roleArn, policies);
    return policies;
  }

  private named(arn: string): NamedPolicy {
    const { name, document } = this.managedPolicy(arn);
    return { name, policy: document };
  }

  private isOwn(arn: string): boolean {
    return arn.split(':')[4] === this.account;
  }
}

/** IAM does not count white space. */
function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}

function limit(document: PolicyDocument, most: number, quota: string): void {
  if (sizeOf(document) > most) throw new AwsError('LimitExceeded', `Cannot exceed quota for ${quota}: ${most}`, 409);
}
