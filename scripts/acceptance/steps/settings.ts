import { ended, executions, expectSucceeded } from '../pipelines';
import { served, watchEndpoint } from '../registry';
import { deployedOf, type Step } from '../run';
import { expectHealthy } from './first-model';

export const settings: Step = {
  name: 'settings',
  expects: 'a changed setting, an endpoint that scales, is deployed and released with the package that serves',
  minutes: 30,
  async run(run) {
    const { releasePipeline, endpoint } = deployedOf(run);
    const known = await executions(run, releasePipeline);
    await run.cdk.deploy({ ...run.settings, scales: true });
    await expectSucceeded(run, releasePipeline, await ended(run, releasePipeline, known, 240, () => watchEndpoint(run, 'settings')));
    expectHealthy(run, 'requests are answered meanwhile');
    const now = await served(run);
    run.log.expect('the endpoint serves the same package', now?.packageArn === run.seen.retrainedPackage, now?.packageArn ?? 'not in service');
    const ResourceId = `endpoint/${endpoint}/variant/main`;
    const { ScalableTargets: [target] } = await run.cloud.call('application-autoscaling', 'DescribeScalableTargets', { ServiceNamespace: 'sagemaker', ResourceIds: [ResourceId] });
    run.log.expect('the endpoint scales from three to four instances', target?.MinCapacity === 3 && target.MaxCapacity === 4, target === undefined ? 'it does not scale' : `${target.MinCapacity} to ${target.MaxCapacity}`);
    const { ScalingPolicies } = await run.cloud.call('application-autoscaling', 'DescribeScalingPolicies', { ServiceNamespace: 'sagemaker', ResourceId });
    run.log.expect('its policy has made its alarms', (ScalingPolicies[0]?.Alarms ?? []).length > 0, `${(ScalingPolicies[0]?.Alarms ?? []).length} alarms`);
  },
};
