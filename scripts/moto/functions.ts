import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { handlersOf } from '../faults/assembly';

/** How a handler is refused a call that moto lacks; see server.py. */
const NOT_IN_MOTO = 'NotInMoto';

export interface Run {
  /** What the handler gave back; of one that was stopped, `undefined`. */
  readonly result: unknown;
  /** What it wrote to its log. */
  readonly log: string;
  /** The call that moto lacks. */
  readonly stoppedAt?: string;
}

interface Deployed {
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
}

type Told = { readonly result: unknown } | { readonly error: { readonly name: string; readonly message: string } };

/** The functions of a stack as moto has them, run in processes of their own: moto itself would need Docker. */
export class Functions {
  /** Every run by handler. */
  readonly runs = new Map<string, Run[]>();

  static async ofStack(stack: string, assembly: string, connection: Readonly<Record<string, string>>): Promise<Functions> {
    const { StackResources = [] } = await new CloudFormationClient().send(new DescribeStackResourcesCommand({ StackName: stack }));
    const template = JSON.parse(readFileSync(path.join(assembly, `${stack}.template.json`), 'utf8')) as { Resources: Record<string, { Properties: { Code: { S3Key: string } } }> };
    const lambda = new LambdaClient();
    const deployed = new Map<string, Deployed>();
    for (const [logicalId, name] of handlersOf(assembly)) {
      const physicalId = StackResources.find((resource) => resource.LogicalResourceId === logicalId)?.PhysicalResourceId;
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: physicalId }));
      const asset = path.parse(template.Resources[logicalId]!.Properties.Code.S3Key).name;
      deployed.set(name, { bundle: path.join(assembly, `asset.${asset}`), environment: Environment?.Variables ?? {} });
    }
    return new Functions(deployed, connection);
  }

  private constructor(private readonly deployed: ReadonlyMap<string, Deployed>, private readonly connection: Readonly<Record<string, string>>) {}

  get names(): string[] {
    return [...this.deployed.keys()].sort();
  }

  environment(handler: string): Readonly<Record<string, string>> {
    const { environment } = this.deployed.get(handler) ?? {};
    if (environment === undefined) throw new Error(`the stack has no handler '${handler}', only ${this.names.join(', ')}`);
    return environment;
  }

  /** Runs a handler once, in the environment that moto has of it. An error of the handler other than a call that moto lacks is thrown. */
  async run(handler: string, event: object): Promise<Run> {
    const environment = this.environment(handler);
    const child = fork(path.join(__dirname, 'function-process.ts'), [this.deployed.get(handler)!.bundle], {
      execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { PATH: process.env.PATH, ...this.connection, ...environment, AWS_LAMBDA_FUNCTION_NAME: handler, AWS_MAX_ATTEMPTS: '1' },
    });
    let log = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text: Buffer) => { log += text.toString(); });
    child.send(event);
    const ended = once(child, 'close');
    const told = await Promise.race([once(child, 'message').then(([message]) => message as Told), ended.then(() => undefined)]);
    await ended;
    const run = this.read(handler, told, log);
    this.runs.set(handler, [...this.runs.get(handler) ?? [], run]);
    return run;
  }

  private read(handler: string, told: Told | undefined, log: string): Run {
    if (told === undefined) throw new Error(`${handler} ended without an answer:\n${log}`);
    if (!('error' in told)) return { result: told.result, log };
    if (told.error.name !== NOT_IN_MOTO) throw new Error(`${handler} failed: ${told.error.name}: ${told.error.message}\n${log}`);
    return { result: undefined, log, stoppedAt: told.error.message };
  }
}
