import { Duration } from 'aws-cdk-lib';
import { BiasFacet, ModelTask, type QualityOptions } from '../lib';
import type { Settings } from './settings';

/** Whether and how the quality of answers is measured: `-c quality=classification`, or `regression`; not at all by default. */
export function qualitySettings(settings: Settings): QualityOptions | undefined {
  const task = settings.oneOf('quality', ['off', 'classification', 'regression']);
  if (task === 'off') return undefined;
  return {
    task: task === 'regression' ? ModelTask.regression() : ModelTask.binaryClassification({
      facets: facets(settings), favourableLabel: settings.number('favourableLabel', 1),
    }),
    window: Duration.parse(settings.text('qualityWindow', 'P1D')),
    labelDelay: Duration.parse(settings.text('labelDelay', 'P7D')),
    allowedDrop: settings.optionalNumber('allowedDrop'),
    minimumLabels: settings.number('minimumLabels', 100),
  };
}

/** `-c biasFeature=origin -c biasValues=BOS,PHL -c biasLimits=DPPL:0.1,DI:0.8`: the disadvantaged group has one of the values. */
function facets(settings: Settings): BiasFacet[] {
  const values = settings.list('biasValues');
  if (values === undefined) return [];
  const limits = (settings.list('biasLimits') ?? []).map((limit) => {
    const [measure, value] = limit.split(':');
    return [measure!, Number(value)] as const;
  });
  return [BiasFacet.ofValues(settings.text('biasFeature', 'origin'), values, { limits: Object.fromEntries(limits) })];
}
