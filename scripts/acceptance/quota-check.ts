import type { Cloud } from './cloud';
import { quotas, type Quota } from './plan';

export interface QuotaFinding {
  readonly quota: Quota;
  /** Undefined if it could not be asked for. */
  readonly value?: number;
  readonly reason?: string;
  /** Command that asks for more. */
  readonly request?: string;
}

/** What Service Quotas says of each quota that the run needs. */
export async function checkQuotas(cloud: Cloud, instanceType: string): Promise<QuotaFinding[]> {
  const known = new Map<string, Promise<any[]>>(); // eslint-disable-line @typescript-eslint/no-explicit-any
  const findings: QuotaFinding[] = [];
  for (const quota of quotas(instanceType)) {
    try {
      if (!known.has(quota.service)) known.set(quota.service, cloud.list('servicequotas', 'ListServiceQuotas', 'Quotas', { ServiceCode: quota.service }));
      const found = (await known.get(quota.service)!).find(({ QuotaName }) => QuotaName === quota.name)
        ?? (await cloud.list('servicequotas', 'ListAWSDefaultServiceQuotas', 'Quotas', { ServiceCode: quota.service })).find(({ QuotaName }) => QuotaName === quota.name);
      if (found === undefined) findings.push({ quota, reason: 'Service Quotas does not know it' });
      else {
        const request = `aws service-quotas request-service-quota-increase --service-code ${quota.service} --quota-code ${found.QuotaCode} --desired-value ${quota.needed}`;
        findings.push({ quota, value: found.Value, ...(found.Value < quota.needed && { request }) });
      }
    } catch (error) {
      findings.push({ quota, reason: (error as Error).message });
    }
  }
  return findings;
}

/** Prints what was found; true if no quota is known to be too small. */
export function reportQuotas(write: (line: string) => void, findings: readonly QuotaFinding[]): boolean {
  const reasons = new Set(findings.map(({ reason }) => reason));
  if (reasons.size === 1 && findings[0]!.reason !== undefined) {
    write(`  quotas could not be asked for: ${findings[0]!.reason}`);
    return true;
  }
  for (const { quota, value, reason, request } of findings) {
    const state = value === undefined ? `not known: ${reason}` : request === undefined ? `${value}, enough` : `${value}, too small; ask for more: ${request}`;
    write(`  ${quota.service}: ${quota.name}: ${state}`);
  }
  return findings.every(({ request }) => request === undefined);
}
