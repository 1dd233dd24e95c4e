import type { PolicyDocument } from '../../service';

/** A function as configured: the SDK's shape where the SDK has one. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  readonly version: string;
  readonly role: string;
  readonly runtime: string;
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly ephemeralStorageMb: number;
  readonly architectures: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly kmsKeyArn?: string;
  readonly tracingMode: string;
  readonly logging: LoggingConfiguration;
  readonly deadLetterTargetArn?: string;
  readonly vpcConfig?: { readonly SubnetIds?: string[]; readonly SecurityGroupIds?: string[]; readonly Ipv6AllowedForDualStack?: boolean };
  readonly code: FunctionCode;
  readonly lastModified: Date;
  readonly revisionId: string;
}

export interface LoggingConfiguration {
  readonly format: 'Text' | 'JSON';
  readonly group: string;
  readonly applicationLevel?: string;
  readonly systemLevel?: string;
}

export interface FunctionCode {
  /** Where it is unpacked. */
  readonly folder: string;
  /** Of the archive, base64. */
  readonly sha256: string;
  readonly size: number;
}

export interface AsyncInvokeConfiguration {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly lastModified: Date;
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly [key: string]: unknown;
}

/** Everything that bears a function's name. */
export interface FunctionRecord {
  readonly name: string;
  readonly arn: string;
  latest: FunctionConfiguration;
  readonly versions: Map<string, FunctionConfiguration>;
  /** Alias name to version. */
  readonly aliases: Map<string, string>;
  readonly policy: Map<string, PolicyStatement>;
  asyncConfiguration: AsyncInvokeConfiguration | undefined;
  reservedConcurrency: number | undefined;
  tags: Record<string, string>;
  /** Invocations under way. */
  running: number;
}

export const DEFAULT_ASYNC: Omit<AsyncInvokeConfiguration, 'lastModified'> = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 6 * 3600 };

export function policyOf(record: FunctionRecord): PolicyDocument | undefined {
  if (record.policy.size === 0) return undefined;
  return { Version: '2012-10-17', Statement: [...record.policy.values()] };
}

/** How one run of a function ended. */
export interface Outcome {
  readonly requestId: string;
  /** Absent if the handler returned. */
  readonly error?: 'Handled' | 'Unhandled';
  /** What the handler returned, or `{errorType, errorMessage, trace}`; JSON. */
  readonly payload: string;
  /** The last 4 KB of the log. */
  readonly logTail: string;
}
