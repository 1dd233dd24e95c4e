import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** A role that a service takes on for this account only, so that nobody else's resource can borrow it. */
export function serviceRole(scope: Construct, id: string, service: string, sourceArn?: string): iam.Role {
  const conditions = sourceArn === undefined
    ? { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } }
    : { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account }, ArnLike: { 'aws:SourceArn': sourceArn } };
  return new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal(service, { conditions }) });
}
