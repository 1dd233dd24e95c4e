import type { IamService } from '../iam';
import { AwsError, type ResourceRequest } from '../../service';
import type { World } from '../../world';
import type { CodeStore } from './code';
import { checkVariables } from './process-variables';
import { runtimeOf } from './runtimes';
import type { FunctionConfiguration, FunctionRecord } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of templates */

/** Actions with which Lambda attaches a function to a VPC, under the function's role. */
const VPC_ACTIONS = ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'];

/** The functions of the account by name. */
export class Functions {
  private readonly records = new Map<string, FunctionRecord>();

  constructor(private readonly world: World, private readonly code: CodeStore) {}

  find(name: string): FunctionRecord | undefined {
    return this.records.get(name);
  }

  get(name: string): FunctionRecord {
    const record = this.records.get(name);
    if (record === undefined) throw new AwsError('ResourceNotFoundException', `Function not found: ${this.world.arn('lambda', `function:${name}`)}`, 404);
    return record;
  }

  all(): FunctionRecord[] {
    return [...this.records.values()];
  }

  async create(request: ResourceRequest): Promise<FunctionRecord> {
    const name: string = request.properties.FunctionName ?? request.generateName(64);
    if (this.records.has(name)) throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409);
    const latest = await this.configure(name, request.properties);
    const record: FunctionRecord = {
      name, arn: latest.arn, latest, versions: new Map(), aliases: new Map(), policy: new Map(),
      asyncConfiguration: undefined, reservedConcurrency: undefined, tags: {}, running: 0,
    };
    this.records.set(name, record);
    this.settle(record, request.properties);
    return record;
  }

  async update(name: string, request: ResourceRequest): Promise<FunctionRecord> {
    const record = this.get(name);
    record.latest = await this.configure(name, request.properties);
    this.settle(record, request.properties);
    return record;
  }

  delete(name: string): void {
    this.records.delete(name);
  }

  /** What belongs to the function rather than to a version of it. */
  private settle(record: FunctionRecord, properties: Record<string, any>): void {
    record.reservedConcurrency = properties.ReservedConcurrentExecutions === undefined ? undefined : Number(properties.ReservedConcurrentExecutions);
    record.tags = Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]));
  }

  private async configure(name: string, properties: Record<string, any>): Promise<FunctionConfiguration> {
    const { world } = this;
    if ((properties.PackageType ?? 'Zip') !== 'Zip') {
      throw new AwsError('InvalidParameterValueException', `the twin cannot run functions of package type ${properties.PackageType}; it runs Zip`);
    }
    if (properties.Runtime === undefined || properties.Handler === undefined) {
      throw new AwsError('InvalidParameterValueException', 'Runtime and Handler are mandatory parameters for functions created with deployment packages.');
    }
    runtimeOf(properties.Runtime);
    await this.checkRole(name, properties.Role, properties.VpcConfig);
    const environment: Record<string, string> = properties.Environment?.Variables ?? {};
    checkVariables(environment);
    const logging = properties.LoggingConfig ?? {};
    return {
      name,
      arn: world.arn('lambda', `function:${name}`),
      version: '$LATEST',
      role: properties.Role,
      runtime: properties.Runtime,
      handler: properties.Handler,
      description: properties.Description ?? '',
      timeoutSeconds: whole('Timeout', properties.Timeout ?? 3, 1, 900),
      memoryMb: whole('MemorySize', properties.MemorySize ?? 128, 128, 10_240),
      ephemeralStorageMb: whole('EphemeralStorage.Size', properties.EphemeralStorage?.Size ?? 512, 512, 10_240),
      architectures: properties.Architectures ?? ['x86_64'],
      environment,
      kmsKeyArn: properties.KmsKeyArn,
      tracingMode: properties.TracingConfig?.Mode ?? 'PassThrough',
      logging: {
        format: logging.LogFormat ?? 'Text', group: logging.LogGroup ?? `/aws/lambda/${name}`,
        applicationLevel: logging.ApplicationLogLevel, systemLevel: logging.SystemLogLevel,
      },
      deadLetterTargetArn: properties.DeadLetterConfig?.TargetArn,
      vpcConfig: properties.VpcConfig,
      code: await this.code.load(properties.Code ?? {}),
      lastModified: world.clock.date(),
      revisionId: world.random.uuid(),
    };
  }

  /** What Lambda checks of a role it is given. */
  private async checkRole(name: string, roleArn: string, vpcConfig: { SubnetIds?: string[] } | undefined): Promise<void> {
    const { world } = this;
    try {
      await world.call({
        service: 'sts', operation: 'AssumeRole', input: { RoleArn: roleArn, RoleSessionName: 'awslambda' },
        caller: { kind: 'service', service: 'lambda.amazonaws.com', sourceArn: world.arn('lambda', `function:${name}`), sourceAccount: world.account },
      });
    } catch (error) {
      if (!(error instanceof AwsError && error.code.startsWith('AccessDenied'))) throw error;
      throw new AwsError('InvalidParameterValueException', 'The role defined for the function cannot be assumed by Lambda.');
    }
    if ((vpcConfig?.SubnetIds ?? []).length === 0) return;
    const statements = (world.service<IamService>('iam').rolePolicies(roleArn)?.identityPolicies ?? []).flatMap(({ policy }) => [policy.Statement].flat() as Statement[]);
    const missing = VPC_ACTIONS.find((action) => !statements.some((statement) => statement.Effect === 'Allow' && [statement.Action ?? []].flat().some((pattern) => covers(pattern, action))));
    if (missing !== undefined) {
      throw new AwsError('InvalidParameterValueException', `The provided execution role does not have permissions to call ${missing.slice('ec2:'.length)} on EC2`);
    }
  }
}

interface Statement {
  readonly Effect: string;
  readonly Action?: string | string[];
}

function covers(pattern: string, action: string): boolean {
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${expression}$`, 'i').test(action);
}

function whole(name: string, value: unknown, least: number, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new AwsError('ValidationException', `Value '${String(value)}' at '${name}' must be a whole number from ${least} to ${most}`);
}
