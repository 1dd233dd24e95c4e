import type { Clock } from './clock';
import type { Principal, Service } from './service';
import type { Random } from './random';

/** An event as EventBridge carries it; what the twin's services leave out is filled in by `publish`. */
export interface AwsEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Record<string, unknown>;
  readonly resources?: readonly string[];
}

export interface CallRequest {
  /** Signing name of the service. */
  readonly service: string;
  readonly operation: string;
  readonly input: any; // eslint-disable-line @typescript-eslint/no-explicit-any
  readonly caller: Principal;
  /** Name of the function whose process makes the call over HTTP, whatever credentials it uses. */
  readonly functionName?: string;
}

/** One line of the record: what was called, by whom, and how it ended. */
export interface CallRecord {
  /** Virtual time, milliseconds since the epoch. */
  readonly time: number;
  readonly service: string;
  readonly operation: string;
  readonly caller: Principal;
  readonly authorized: ReadonlyArray<{ action: string; resource: string; context?: Readonly<Record<string, string | string[]>> }>;
  /** The error's code if the call was refused or failed. */
  readonly error?: string;
  readonly message?: string;
}

/** What services see of each other and of the twin around them. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** A folder of the twin's own for scratch files; removed at the end. */
  readonly workDir: string;
  readonly record: readonly CallRecord[];
  /** Base address of the HTTP front, `http://localhost:PORT`. */
  readonly endpoint: string;

  /** Every call goes through here, from a child process over HTTP or from a service in process: request check, fault, authorisation, effect, record. */
  call(request: CallRequest): Promise<any>; // eslint-disable-line @typescript-eslint/no-explicit-any
  /** A service of this account, by signing name. Use it for look-ups across services that AWS makes internally and does not authorise. */
  service<S extends Service>(name: string): S;
  /** Puts an event of an AWS service on the account's default bus. */
  publish(event: AwsEvent): void;
  /** `arn:PARTITION:service:REGION:ACCOUNT:resource`; pass '' to leave region or account out. */
  arn(service: string, resource: string, region?: string, account?: string): string;
  /** Access key, secret and token for calls over HTTP as this principal; the front maps them back. */
  credentialsFor(principal: Principal): { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}
