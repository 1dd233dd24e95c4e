import type { Principal } from '../service';
import { AwsError } from '../service';

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

interface Issued {
  readonly principal: Principal;
  readonly credentials: TemporaryCredentials;
  readonly expiresAt: number;
}

/** Hands out access keys and knows whose they are. */
export class Credentials {
  private readonly issued = new Map<string, Issued>();
  private readonly lasting = new Map<string, TemporaryCredentials>();

  /** As on AWS, a key tells its account: clients remember which account a key is of. */
  constructor(private readonly account: string) {}

  /** Keys of this principal that stay valid: the same principal gets the same keys. */
  of(principal: Principal): TemporaryCredentials {
    const key = JSON.stringify(principal);
    let credentials = this.lasting.get(key);
    if (credentials === undefined) {
      credentials = this.issue(principal, Number.POSITIVE_INFINITY);
      this.lasting.set(key, credentials);
    }
    return credentials;
  }

  /** Fresh keys of this principal that end at `expiresAt`, in virtual time. */
  issue(principal: Principal, expiresAt: number): TemporaryCredentials {
    const inBase36 = (number: number, length: number) => number.toString(36).toUpperCase().padStart(length, '0');
    const serial = `${inBase36(Number(this.account), 8)}${inBase36(this.issued.size + 1, 4)}`;
    const credentials = { accessKeyId: `ASIATWIN${serial}`, secretAccessKey: `twin-secret-${serial}`, sessionToken: `twin-session-${serial}` };
    this.issued.set(credentials.accessKeyId, { principal, credentials, expiresAt });
    return credentials;
  }

  principalOf(accessKeyId: string, sessionToken: string | undefined, time: number): Principal {
    const issued = this.issued.get(accessKeyId);
    if (issued === undefined || issued.credentials.sessionToken !== sessionToken) {
      throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403);
    }
    if (time >= issued.expiresAt) throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired', 403);
    return issued.principal;
  }
}
