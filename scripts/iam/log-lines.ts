import type { CallRequest, Fault, FaultPlan } from '../../twin';

/** A line that something of the loop wrote into a log group. */
export interface LogLine {
  readonly logGroup: string;
  readonly text: string;
}

/** Sees every line on its way into the logs, those of groups included that are gone at the end. */
export class LogLines implements FaultPlan {
  readonly all: LogLine[] = [];

  constructor(private readonly faults: FaultPlan) {}

  decide(call: CallRequest, time: number): Fault | undefined {
    if (call.service === 'logs' && call.operation === 'PutLogEvents') {
      for (const { message } of call.input.logEvents) this.all.push({ logGroup: call.input.logGroupName, text: message });
    }
    return this.faults.decide(call, time);
  }
}

/** What must be in no log, by what it is. */
const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  'an access key': /\b(AKIA|ASIA)[A-Z0-9]{12,}/,
  'a secret key or session token': /secretAccessKey|SecretAccessKey|AWS_SECRET|sessionToken|SessionToken|AWS_SESSION|aws_security_token|twin-(secret|session)-/,
  'a signature': /AWS4-HMAC-SHA256|X-Amz-Signature|X-Amz-Security-Token/i,
  'credentials in an address or header': /:\/\/[^/\s:@]+:[^/\s:@]+@|authorization["']?\s*[:=]\s*["']?(basic|bearer)/i,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
};

/** Lines that hold a secret, a credential, or one of these texts of payloads, and which of them. */
export function leaks(lines: readonly LogLine[], payloads: RegExp): Array<LogLine & { leaked: string }> {
  const patterns = Object.entries({ ...FORBIDDEN, 'a payload': payloads });
  return lines.flatMap((line) => patterns.filter(([, pattern]) => pattern.test(line.text)).map(([leaked]) => ({ ...line, leaked })));
}
