import { DeleteAlarmsCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  DeleteEndpointConfigCommand, DeleteModelCommand, DescribeEndpointConfigCommand, paginateListEndpointConfigs, paginateListModels, type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { ROLLBACK_ALARM_SUFFIXES } from '../../../lib/serving/release-descriptor.contract';
import { metricAlarms } from '../../adapters/alarms';
import { orUndefined } from '../../adapters/model-packages';
import { isReleaseName } from './wanted';

export interface Leftovers {
  readonly configs: string[];
  readonly models: string[];
  readonly alarms: string[];
}

/** Configs, models and rollback alarms that releases of this endpoint made, newest first. */
export async function releasesOf(sagemaker: SageMakerClient, cloudwatch: CloudWatchClient, endpointName: string): Promise<Leftovers> {
  const which = { NameContains: `${endpointName}-`, SortBy: 'CreationTime', SortOrder: 'Descending', MaxResults: 100 } as const;
  const configs: string[] = [];
  const models: string[] = [];
  // A copy each: a paginator writes its token into what it is given.
  for await (const { EndpointConfigs = [] } of paginateListEndpointConfigs({ client: sagemaker }, { ...which })) configs.push(...EndpointConfigs.map((config) => config.EndpointConfigName!));
  for await (const { Models = [] } of paginateListModels({ client: sagemaker }, { ...which })) models.push(...Models.map((model) => model.ModelName!));
  const ours = (name: string) => isReleaseName(endpointName, name);
  return { configs: configs.filter(ours), models: models.filter(ours), alarms: await alarmsOf(cloudwatch, endpointName) };
}

async function alarmsOf(cloudwatch: CloudWatchClient, endpointName: string): Promise<string[]> {
  const alarms = await metricAlarms(cloudwatch, { AlarmNamePrefix: `${endpointName}-` });
  const names = alarms.map((alarm) => alarm.AlarmName!);
  return names.filter((name) => isReleaseName(endpointName, configOfAlarm(name) ?? ''));
}

/** The config that a rollback alarm watches, told from its name. */
function configOfAlarm(alarmName: string): string | undefined {
  const suffix = ROLLBACK_ALARM_SUFFIXES.find((candidate) => alarmName.endsWith(`-${candidate}`));
  return suffix === undefined ? undefined : alarmName.slice(0, -suffix.length - 1);
}

/**
 * Removes what is no longer served: all but the config now serving, the `kept` newest others, and their models. Alarms of
 * other configs go, since a kept config that is released again gets new ones.
 */
export async function removeLeftovers(
  sagemaker: SageMakerClient, cloudwatch: CloudWatchClient, endpointName: string, serving: string | undefined, kept: number,
): Promise<Leftovers> {
  const found = await releasesOf(sagemaker, cloudwatch, endpointName);
  const retained = [...(serving === undefined ? [] : [serving]), ...found.configs.filter((name) => name !== serving).slice(0, kept)];
  const retainedModels = new Set<string>();
  for (const name of retained) {
    const config = await orUndefined(sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })));
    for (const variant of config?.ProductionVariants ?? []) retainedModels.add(variant.ModelName!);
  }
  const gone: Leftovers = {
    configs: found.configs.filter((name) => !retained.includes(name)),
    models: found.models.filter((name) => !retainedModels.has(name)),
    alarms: found.alarms.filter((name) => configOfAlarm(name) !== serving),
  };
  for (const name of gone.configs) await orUndefined(sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name })));
  for (const name of gone.models) await orUndefined(sagemaker.send(new DeleteModelCommand({ ModelName: name })));
  // DeleteAlarms takes at most 100 names.
  for (let at = 0; at < gone.alarms.length; at += 100) await orUndefined(cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: gone.alarms.slice(at, at + 100) })));
  return gone;
}
