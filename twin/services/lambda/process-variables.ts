import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError } from '../../service';
import type { World } from '../../world';
import type { FunctionConfiguration } from './state';

/** Set by Lambda; a function's own configuration must not. */
const RESERVED = new Set([
  '_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_DEFAULT_REGION', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'LAMBDA_RUNTIME_DIR', 'LAMBDA_TASK_ROOT',
]);

const LIMIT_BYTES = 4096;

export function checkVariables(variables: Readonly<Record<string, string>>): void {
  const reserved = Object.keys(variables).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw new AwsError('InvalidParameterValueException', 'Lambda was unable to configure your environment variables because the environment variables you have '
      + 'provided contains reserved keys that are currently not supported for modification. '
      + `Reserved keys used in this request: ${reserved.join(', ')}`);
  }
  const size = Buffer.byteLength(JSON.stringify(variables));
  if (size > LIMIT_BYTES) {
    throw new AwsError('InvalidParameterValueException', 'Lambda was unable to configure your environment variables because the environment variables you have '
      + `provided exceeded the ${LIMIT_BYTES / 1024}KB limit. String measured: ${JSON.stringify(variables)}`);
  }
}

export interface ProcessOptions {
  readonly world: World;
  readonly configuration: FunctionConfiguration;
  readonly logStream: string;
  readonly runtimeApi: string;
  readonly sdkFolder: string;
  /** A folder of the process's own. */
  readonly scratch: string;
}

/** The whole environment of a function's process: what the template gives it and what Lambda adds. */
export function processVariables({ world, configuration, logStream, runtimeApi, sdkFolder, scratch }: ProcessOptions): Record<string, string> {
  const home = join(scratch, 'home');
  mkdirSync(home, { recursive: true });
  const sessionName = configuration.name;
  const credentials = world.credentialsFor({ kind: 'role', roleArn: configuration.role, sessionName });
  return {
    ...configuration.environment,
    _HANDLER: configuration.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: configuration.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.logging.group,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_LOG_FORMAT: configuration.logging.format,
    ...(configuration.logging.applicationLevel !== undefined && { AWS_LAMBDA_LOG_LEVEL: configuration.logging.applicationLevel }),
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: configuration.code.folder,
    LAMBDA_RUNTIME_DIR: join(__dirname, 'child'),
    LANG: 'en_US.UTF-8',
    NODE_PATH: sdkFolder,
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/bin',
    TZ: ':UTC',
    // Not Lambda's: they stand for what is different on this machine. By its IP address S3 is addressed path-style.
    AWS_ENDPOINT_URL: world.endpoint.replace('//localhost', '//127.0.0.1'),
    HOME: home,
    TMPDIR: scratch,
  };
}
