import type { Deviation } from '../../../lib/monitoring/reconcile-loop.contract';

/** What is true of a loop now. */
export interface Found {
  readonly now: Date;
  /** The newest approved package that was not rolled back. */
  readonly target?: { readonly packageArn: string; readonly changedAt: Date; /** Whether its approval has started a release. */ readonly actedOn: boolean };
  readonly endpoint?: {
    readonly status: string;
    readonly configName?: string;
    /** The config that the last release noted on it. */
    readonly notedConfig?: string;
    readonly capturing: boolean;
  };
  /** The package that serves by the config of a release. */
  readonly served?: { readonly packageArn: string; /** Undefined if it is no longer in the registry. */ readonly approval?: string; readonly changedAt?: Date };
  /** A release runs or waits. */
  readonly releasing: boolean;
  readonly lastRelease?: { readonly status: string; readonly startedAt: Date };
  readonly disabledRules: readonly string[];
}

export interface Decision {
  /** What only a person can put right. */
  readonly deviations: readonly Deviation[];
  /** A release of this package puts the rest right, and takes nothing away that somebody chose. */
  readonly repair?: { readonly packageArn: string; readonly reason: string };
}

/** An approval is handled within seconds; retries of its event take minutes. */
const GRACE_MS = 15 * 60_000;

/**
 * Compares what is with what should be. A release is repaired only where nobody can have wanted its absence: an approval or a rejection
 * that no release followed, an endpoint that is gone after a release succeeded. One that failed or was stopped is for a person to decide.
 */
export function reconcile(found: Found): Decision {
  const { served, endpoint, disabledRules } = found;
  const deviations: Deviation[] = [];
  // What serves by a config of somebody else is not known.
  const byRelease = endpoint?.status !== 'InService' || endpoint.configName === endpoint.notedConfig;
  const release = found.releasing || !byRelease ? undefined : releaseOf(found);
  if (release !== undefined && 'check' in release) deviations.push(release);
  if (endpoint !== undefined && !found.releasing) deviations.push(...endpointDeviations(endpoint));
  if (served !== undefined && served.approval === undefined) {
    deviations.push({ check: 'package', text: `the package ${served.packageArn} that serves is no longer in the registry, so its drift cannot be judged; approve another package` });
  }
  if (disabledRules.length > 0) {
    deviations.push({ check: 'rules', text: `these rules are disabled or gone: ${disabledRules.join(', ')}; run aws events enable-rule --name <rule>, or deploy the stack again` });
  }
  return { deviations, ...(release !== undefined && 'packageArn' in release && { repair: release }) };
}

function releaseOf({ now, target, served, endpoint, lastRelease }: Found): Deviation | Decision['repair'] {
  if (target === undefined || served?.packageArn === target.packageArn) return undefined;
  if (now.getTime() - Math.max(target.changedAt.getTime(), served?.changedAt?.getTime() ?? 0) < GRACE_MS) return undefined;
  const { packageArn } = target;
  if (!target.actedOn) return { packageArn, reason: `${packageArn} is approved, and no release followed` };
  const succeeded = lastRelease?.status === 'Succeeded' ? lastRelease : undefined;
  if (served === undefined) {
    const state = endpoint === undefined ? 'the endpoint does not exist' : `the endpoint is ${endpoint.status}`;
    if (succeeded !== undefined) return { packageArn, reason: `${state}, though ${packageArn} is approved and its release succeeded` };
    return { check: 'release', text: `${state}: the last release is ${lastRelease?.status ?? 'unknown'}; start the release pipeline with ${packageArn}, or reject the package` };
  }
  if (served.approval === 'Rejected' && served.changedAt !== undefined && lastRelease !== undefined && lastRelease.startedAt < served.changedAt) {
    return { packageArn, reason: `${served.packageArn} serves though it is rejected, and no release followed` };
  }
  // Somebody released an older package by name.
  if (succeeded !== undefined && served.approval === 'Approved') return undefined;
  return {
    check: 'release',
    text: `${served.packageArn} serves (${served.approval ?? 'deleted'}), not ${packageArn}, the newest approved one; the last release is ${lastRelease?.status ?? 'unknown'}: `
      + 'start the release pipeline with the one that is to serve, or reject the other',
  };
}

function endpointDeviations({ status, configName, notedConfig, capturing }: NonNullable<Found['endpoint']>): Deviation[] {
  const deviations: Deviation[] = [];
  if (status !== 'InService' && status !== 'Failed') {
    deviations.push({ check: 'endpoint', text: `the endpoint is ${status} though no release runs; look at its events, then start the release pipeline` });
  } else if (status === 'InService' && configName !== notedConfig) {
    deviations.push({
      check: 'endpoint',
      text: `the endpoint serves by the config ${configName}, which no release has finished (the last finished one: ${notedConfig ?? 'none'}); start the release pipeline with the package that is to serve`,
    });
  }
  if (status === 'InService' && !capturing) {
    deviations.push({ check: 'capture', text: 'the endpoint captures no traffic, so neither drift nor quality can be judged; start the release pipeline with the package that serves' });
  }
  return deviations;
}
