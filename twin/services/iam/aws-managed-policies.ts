import type { PolicyDocument } from '../../service';
import readOnlyActions from './read-only-access.json';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** The few policies managed by AWS that the CDK and its bootstrap template attach by themselves, as AWS publishes them. */
const DOCUMENTS: Readonly<Record<string, PolicyDocument>> = {
  'AdministratorAccess': {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  },
  'AWSCloudFormationReadOnlyAccess': {
    Version: '2012-10-17',
    Statement: [{
      Effect: 'Allow',
      Action: ['BatchDescribe*', 'Describe*', 'Detect*', 'EstimateTemplateCost', 'Get*', 'List*', 'ValidateTemplate'].map((action) => `cloudformation:${action}`),
      Resource: '*',
    }],
  },
  // Version 182 of 2026-04-03; of its actions those of services that the twin has.
  'ReadOnlyAccess': {
    Version: '2012-10-17',
    Statement: [{
      Sid: 'ReadOnlyActions',
      Effect: 'Allow',
      Action: Object.entries(readOnlyActions).flatMap(([service, actions]) => actions.map((action) => `${service}:${action}`)),
      Resource: '*',
    }],
  },
  'service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: LOGS, Resource: '*' }],
  },
  'service-role/AWSLambdaVPCAccessExecutionRole': {
    Version: '2012-10-17',
    Statement: [{
      Sid: 'AWSLambdaVPCAccessExecutionPermissions',
      Effect: 'Allow',
      Action: [
        ...LOGS, 'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
      ],
      Resource: '*',
    }],
  },
  'AWSXRayDaemonWriteAccess': {
    Version: '2012-10-17',
    Statement: [{
      Sid: 'AWSXRayDaemonWriteAccess',
      Effect: 'Allow',
      Action: [
        'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets',
        'xray:GetSamplingStatisticSummaries',
      ],
      Resource: ['*'],
    }],
  },
};

/** Undefined for a policy that is not AWS's; throws for one of AWS's that the twin has no text of. */
export function awsManagedPolicy(arn: string): { name: string; document: PolicyDocument } | undefined {
  const path = /^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1];
  if (path === undefined) return undefined;
  const document = DOCUMENTS[path];
  if (document === undefined) {
    throw new Error(`policy ${arn} is managed by AWS and its text is not known to the twin; it knows ${Object.keys(DOCUMENTS).join(', ')}: `
      + 'give the role the permissions it needs as a policy of your own');
  }
  return { name: path.slice(path.lastIndexOf('/') + 1), document };
}
