import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { Faults } from './errors';

export interface NetworkProps {
  readonly vpc?: ec2.IVpc;
  readonly vpcSubnets?: ec2.SubnetSelection;
  readonly securityGroups?: ec2.ISecurityGroup[];
}

/** Where jobs and models run when the user gives a VPC. */
export interface Network {
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
}

/** The network of the props, or undefined for SageMaker's own; faults are added to the list. */
export function network(scope: Construct, props: NetworkProps, faults: Faults): Network | undefined {
  const { vpc } = props;
  if (vpc === undefined) {
    faults.when(props.vpcSubnets !== undefined || props.securityGroups !== undefined, 'vpcSubnets or securityGroups are given without a vpc; give the vpc too');
    return undefined;
  }
  const subnetIds = selectSubnets(vpc, props.vpcSubnets, faults);
  if (faults.list.length > 0) return undefined;
  const groups = props.securityGroups ?? [new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: `SageMaker for ${scope.node.path}` })];
  faults.when(groups.length > 5, `there are ${groups.length} security groups; SageMaker takes at most 5`);
  return { subnetIds, securityGroupIds: groups.map((group) => group.securityGroupId) };
}

function selectSubnets(vpc: ec2.IVpc, selection: ec2.SubnetSelection | undefined, faults: Faults): string[] {
  const known = [...vpc.privateSubnets, ...vpc.isolatedSubnets];
  if (selection === undefined && known.length === 0) {
    faults.add(`the vpc ${vpc.node.path} has no private subnets; SageMaker gives its instances no public address, so add private subnets or name others in vpcSubnets`);
    return [];
  }
  const chosen = vpc.selectSubnets(selection ?? (vpc.privateSubnets.length > 0 ? { subnets: vpc.privateSubnets } : { subnets: vpc.isolatedSubnets }));
  const publicOnes = new Set(vpc.publicSubnets.map((subnet) => subnet.subnetId).filter((subnet) => !Token.isUnresolved(subnet)));
  faults.when(chosen.hasPublic || chosen.subnetIds.some((subnet) => publicOnes.has(subnet)),
    `vpcSubnets of ${vpc.node.path} contain public subnets; SageMaker gives its instances no public address, so choose private ones`);
  faults.when(chosen.subnetIds.length > 16, `there are ${chosen.subnetIds.length} subnets; SageMaker takes at most 16`);
  return chosen.subnetIds;
}

/** What SageMaker does in a customer's VPC with the role of the job or model: interfaces come and go in these subnets and groups only. */
export function grantNetwork(role: iam.Role, { subnetIds, securityGroupIds }: Network): void {
  const arn = (resource: string, resourceName: string) => Stack.of(role).formatArn({ service: 'ec2', resource, resourceName });
  const allow = (actions: string[], resources: string[]) =>
    role.addToPolicy(new iam.PolicyStatement({ actions: actions.map((action) => `ec2:${action}`), resources }));
  const interfaces = arn('network-interface', '*');
  allow(['CreateNetworkInterface'], [
    interfaces, ...subnetIds.map((subnet) => arn('subnet', subnet)), ...securityGroupIds.map((group) => arn('security-group', group)),
  ]);
  allow(['CreateNetworkInterfacePermission', 'DeleteNetworkInterface', 'DeleteNetworkInterfacePermission'], [interfaces]);
  // These know no resource.
  allow(['DescribeDhcpOptions', 'DescribeNetworkInterfaces', 'DescribeSecurityGroups', 'DescribeSubnets', 'DescribeVpcs'], ['*']);
}
