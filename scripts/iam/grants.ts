import type { Twin } from '../../twin';
import { permissionStatement } from '../../twin/services/lambda/permissions';
import { list, type Grant, type Statement } from './statement';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties of any type of resource */

interface Deployed {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Record<string, any>;
  readonly physicalId: string;
  readonly arn: string;
}

/** Every statement of every policy that the stacks of the twin hold. */
export function readGrants(twin: Twin, stackName: string): Grant[] {
  const stack = twin.cloudFormation.stacks.find(stackName);
  if (stack === undefined) throw new Error(`the twin has no stack '${stackName}'`);
  const resources: Deployed[] = [...stack.resources.values()].map(({ logicalId, type, properties, handle }) => ({
    logicalId, type, properties, physicalId: handle!.physicalId, arn: String(handle!.attributes?.['Arn'] ?? ''),
  }));
  const roles = new Map(resources.filter(({ type }) => type === 'AWS::IAM::Role').map((role) => [role.physicalId, role]));
  return resources.flatMap((resource) => grantsOf(resource, roles, twin));
}

function grantsOf({ logicalId, type, properties, physicalId, arn }: Deployed, roles: ReadonlyMap<string, Deployed>, twin: Twin): Grant[] {
  const statements = (document: any): Statement[] => [...list<Statement>(document?.Statement)].map(checked);
  switch (type) {
    case 'AWS::IAM::Role':
      if (list(properties['ManagedPolicyArns']).length > 0) throw new Error(`${logicalId} has managed policies; this check reads inline policies only`);
      return [
        ...statements(properties['AssumeRolePolicyDocument']).map((statement): Grant => ({ owner: logicalId, kind: 'trust', roleArn: arn, statement })),
        ...list<any>(properties['Policies']).flatMap(({ PolicyDocument }) => statements(PolicyDocument))
          .map((statement): Grant => ({ owner: logicalId, kind: 'identity', roleArn: arn, statement })),
      ];
    case 'AWS::IAM::Policy':
      return list<string>(properties['Roles']).flatMap((name) => {
        const role = roles.get(name)!;
        return statements(properties['PolicyDocument']).map((statement): Grant => ({ owner: role.logicalId, kind: 'identity', roleArn: role.arn, statement }));
      });
    case 'AWS::IAM::ManagedPolicy': {
      const boundedRoleArns = [...roles.values()].filter((role) => role.properties['PermissionsBoundary'] === physicalId).map((role) => role.arn);
      if (boundedRoleArns.length === 0 || list(properties['Roles']).length > 0) throw new Error(`${logicalId} is a managed policy of roles; this check reads those that are boundaries only`);
      return statements(properties['PolicyDocument']).map((statement): Grant => ({ owner: logicalId, kind: 'boundary', boundedRoleArns, statement }));
    }
    case 'AWS::KMS::Key': return statements(properties['KeyPolicy']).map((statement) => ({ owner: logicalId, kind: 'resource', statement }));
    case 'AWS::S3::BucketPolicy': case 'AWS::SNS::TopicPolicy': case 'AWS::SQS::QueuePolicy':
      return statements(properties['PolicyDocument']).map((statement) => ({ owner: logicalId, kind: 'resource', statement }));
    case 'AWS::Lambda::Permission': {
      const functionName = String(properties['FunctionName']).replace(/^.*:function:/, '');
      return [{ owner: logicalId, kind: 'resource', statement: permissionStatement(twin, { name: functionName } as any, logicalId, properties) as unknown as Statement }];
    }
    default:
      if (/Policy$/.test(type)) throw new Error(`${logicalId} is a ${type}, which this check does not read`);
      return [];
  }
}

function checked(statement: Statement): Statement {
  const unknown = Object.keys(statement).filter((field) => !['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'].includes(field));
  if (unknown.length > 0) throw new Error(`a statement has ${unknown.join(', ')}, which this check does not read: ${JSON.stringify(statement)}`);
  return statement;
}
