import { Names } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** A name that depends on nothing but the construct's path: equal on every synthesis, unique in the account and region. */
export function uniqueName(scope: IConstruct, maximum = 63): string {
  return Names.uniqueResourceName(scope, { maxLength: maximum, separator: '-' })
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '')
    .replace(/^-+|-+$/g, '');
}
