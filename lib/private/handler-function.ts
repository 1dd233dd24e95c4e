import { existsSync } from 'fs';
import { join } from 'path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { throwFaults } from './errors';
import { allowLogsToUse } from './key-use';
import { packageRoot } from './package-root';
import { functionRole } from './service-role';

export interface HandlerFunctionProps {
  /** `<domain>/<handler>`, as under lambda/. */
  readonly handler: string;
  readonly description: string;
  /** Rendered by the handler's env contract. */
  readonly environment: Record<string, string>;
  /** @default one minute */
  readonly timeout?: Duration;
  /** Megabytes; a function's share of a processor grows with it. @default 512 */
  readonly memorySize?: number;
  /**
   * How asynchronous invocations are retried, and where an event goes that no attempt could handle.
   * @default the function is only invoked synchronously
   */
  readonly asynchronous?: AsynchronousInvocation;
  readonly encryptionKey?: IKey;
  readonly logRetention?: logs.RetentionDays;
}

export interface AsynchronousInvocation {
  readonly retryAttempts: number;
  /** @default - the event is dropped; right where the caller learns of the failure by itself */
  readonly deadLetterQueue?: IQueue;
}

/** One bundled handler with a role that starts with nothing but its own log group. */
export class HandlerFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly role: iam.Role;
  /** Longest time of an invocation. */
  public readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    const bundle = join(packageRoot(), 'dist', 'lambda', props.handler);
    if (!existsSync(join(bundle, 'index.js'))) {
      throwFaults(this, [`no bundle of the handler '${props.handler}' at ${bundle}; run 'npm run bundle'`]);
    }

    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: props.logRetention ?? logs.RetentionDays.THREE_MONTHS,
      encryptionKey: props.encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (props.encryptionKey) allowLogsToUse(props.encryptionKey, this);

    this.role = functionRole(this, 'Role');
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);

    this.timeout = props.timeout ?? Duration.minutes(1);
    this.function = new lambda.Function(this, 'Resource', {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundle),
      handler: 'index.handler',
      environment: props.environment,
      timeout: this.timeout,
      memorySize: props.memorySize ?? 512,
      role: this.role,
      logGroup,
    });
    if (props.asynchronous) this.configureAsynchronous(props.asynchronous);
  }

  /** Adds exactly these actions on these resources to the function's role. */
  public allow(actions: string[], resources: string[], conditions?: iam.Conditions): this {
    this.role.addToPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    return this;
  }

  private configureAsynchronous(invocation: AsynchronousInvocation): void {
    const queue = invocation.deadLetterQueue;
    // Not the SqsDestination of the CDK: it also grants reading the queue's attributes, which Lambda never does.
    if (queue) this.allow(['sqs:SendMessage'], [queue.queueArn]);
    queue?.encryptionMasterKey?.grant(this.role, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.function.configureAsyncInvoke({
      retryAttempts: invocation.retryAttempts,
      maxEventAge: Duration.hours(6),
      onFailure: queue && { bind: () => ({ destination: queue.queueArn }) },
    });
  }
}

/** `arn:…:<service>:<region>:<account>:<resource>/<name>` in the stack of the scope. */
export function regionalArn(scope: Construct, service: string, resource: string, resourceName?: string): string {
  return Stack.of(scope).formatArn(resourceName === undefined ? { service, resource } : { service, resource, resourceName });
}
