import { readFileSync } from 'fs';
import { join } from 'path';
import { CfnParameter, Duration } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AlarmTopic, DriftMonitor, type DriftMonitorProps } from '../../../lib';
import { isNeededBy } from '../../../scripts/wires/dependencies';
import type { Template as WiredTemplate } from '../../../scripts/wires/template';
import { definitionOf, loopTemplate, outline, resource, resources, statementsOf, surroundings, templateOf } from '../fixtures';

function monitor(props: Partial<DriftMonitorProps> = {}) {
  return templateOf((stack) => {
    const { buckets, registry } = surroundings(stack);
    new DriftMonitor(stack, 'Monitor', { buckets, registry, endpointName: 'flights', ...props });
  });
}
const template = monitor();
const loop = loopTemplate();

describe('the drift monitor', () => {
  test('scans every hour, and knows which hour was meant', () => {
    expect(resource(template, 'AWS::Events::Rule', 'MonitorSchedule').Properties).toMatchObject({
      ScheduleExpression: 'cron(10 * * * ? *)',
      Targets: [{ InputTransformer: { InputPathsMap: { time: '$.time' }, InputTemplate: '{"scheduledAt":<time>}' } }],
    });
  });

  test('one shard is scanned directly, many through a distributed map, none not at all; without a model it reports so', () => {
    const { States } = definitionOf(resource(template, 'AWS::StepFunctions::StateMachine', 'MonitorWorkflow'));
    expect(States.Route.Choices.map(({ Next }: any) => Next)).toEqual(['ReportIdle', 'ReduceScan', 'ScanCapture']);
    expect(States.Route.Default).toBe('ScanShards');
    expect(States.ScanShards.ItemProcessor.ProcessorConfig.Mode).toBe('DISTRIBUTED');
    const [own, many] = [States.ScanCapture, States.ScanShards.ItemProcessor.States.ScanShard];
    expect(many.Resource).toBe(own.Resource);
    expect([own.Next, States.ScanShards.Next]).toEqual(['ReduceScan', 'ReduceScan']);
  });

  test('shards and results of a map lie in the artifacts bucket, where the workflow reaches them and nothing else', () => {
    const { States: { ScanShards } } = definitionOf(resource(template, 'AWS::StepFunctions::StateMachine', 'MonitorWorkflow'));
    expect(ScanShards).not.toHaveProperty('ItemsPath');
    expect(ScanShards.ItemReader).toMatchObject({ ReaderConfig: { InputType: 'JSON' }, Parameters: { 'Key.$': '$.scan.shardsKey' } });
    expect(ScanShards.ResultWriter).toMatchObject({ Parameters: { 'Prefix.$': '$.scan.resultsPrefix' } });
    const [bucket] = Object.keys(resources(template, 'AWS::S3::Bucket')).filter((id) => id.startsWith('DataArtifacts'));
    const objects = { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket, 'Arn'] }, expect.stringMatching(/^\/scans\/[a-z0-9-]*monitor[a-z0-9-]*\/\*$/)]] };
    const s3 = statementsOf(resource(template, 'AWS::IAM::Role', 'MonitorWorkflowRole')).filter(({ Action }) => JSON.stringify(Action).includes('s3:'));
    // As in Step Functions' guide, "IAM policies for using Distributed Map states".
    expect(s3.flatMap(({ Action }) => Action).sort()).toEqual(['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject']);
    for (const { Resource } of s3) expect(Resource).toEqual(objects);
  });

  test.each([[undefined, 100], [1, 1], [10_000, 10_000]])('scanConcurrency %s: so many shards at a time, and the plan knows it', (scanConcurrency, expected) => {
    const template = monitor({ scanConcurrency });
    expect(definitionOf(resource(template, 'AWS::StepFunctions::StateMachine', 'MonitorWorkflow')).States.ScanShards.MaxConcurrency).toBe(expected);
    expect(resource(template, 'AWS::Lambda::Function', 'MonitorPlan').Properties.Environment.Variables).toMatchObject({
      SCAN_CONCURRENCY: String(expected), SHARD_BYTES: String(256 * 1024 * 1024),
    });
  });

  test('scanConcurrency may be a parameter of the stack', () => {
    const template = templateOf((stack) => {
      const parameter = new CfnParameter(stack, 'Concurrency', { type: 'Number' });
      new DriftMonitor(stack, 'Monitor', { ...surroundings(stack), endpointName: 'flights', scanConcurrency: parameter.valueAsNumber });
    });
    expect(resource(template, 'AWS::Lambda::Function', 'MonitorPlan').Properties.Environment.Variables.SCAN_CONCURRENCY).toEqual({ Ref: 'Concurrency' });
    expect(JSON.stringify(resource(template, 'AWS::StepFunctions::StateMachine', 'MonitorWorkflow').Properties.DefinitionString)).toContain('"MaxConcurrency\\":",{"Ref":"Concurrency"}');
  });

  test.each([['Drift', 'FeaturesDrifted'], ['PredictionDrift', 'PredictionDrift']])('%s rings on most of the last hours, and an hour without a verdict changes nothing', (id, metric) => {
    expect(resource(template, 'AWS::CloudWatch::Alarm', `Monitor${id}`).Properties).toMatchObject({
      MetricName: metric, Namespace: 'CdkMlops', Statistic: 'Maximum', Period: 3600, Threshold: 1, EvaluationPeriods: 4, DatapointsToAlarm: 3, TreatMissingData: 'ignore',
      Dimensions: [{ Name: 'Endpoint', Value: 'flights' }, { Name: 'Monitor', Value: expect.stringContaining('monitor') }],
    });
  });

  test('silence rings, but not on the first day: the first heartbeat is there before its alarm', () => {
    const { Properties, DependsOn } = resource(template, 'AWS::CloudWatch::Alarm', 'MonitorHeartbeat');
    expect(Properties).toMatchObject({
      MetricName: 'ScansCompleted', Period: 3600, ComparisonOperator: 'LessThanThreshold', Threshold: 1, EvaluationPeriods: 3, TreatMissingData: 'breaching',
    });
    expect(DependsOn).toEqual([expect.stringMatching(/^MonitorFirstHeartbeat/)]);
  });

  test('its handlers know the window and the rules, where 0 is a value and nothing is left to chance', () => {
    const template = monitor({ window: Duration.days(7), falseDiscoveryRate: 0 });
    const given = (handler: string) => resource(template, 'AWS::Lambda::Function', handler).Properties.Environment.Variables;
    expect(given('MonitorPlan')).toMatchObject({ WINDOW_HOURS: '168', ENDPOINT_NAME: 'flights' });
    expect(given('MonitorReduce')).toMatchObject({ RULES: '{"falseDiscoveryRate":0}', ENDPOINT_NAME: 'flights' });
  });

  test.each([
    ['a window of no time', { window: Duration.hours(0) }, /drift.window is 0 hours; give 1 hour to 31 days/],
    ['no rows', { minimumRows: 0 }, /minimumRows is 0; give a whole number of at least 1/],
    ['half a row', { minimumRows: 0.5 }, /minimumRows is 0.5/],
    ['no shard at a time', { scanConcurrency: 0 }, /drift.scanConcurrency is 0; give a whole number from 1 to 10000/],
    ['more shards than Step Functions runs', { scanConcurrency: 10_001 }, /drift.scanConcurrency is 10001/],
    ['half a shard', { scanConcurrency: 1.5 }, /drift.scanConcurrency is 1.5/],
    ['a rate above one', { falseDiscoveryRate: 1.1 }, /falseDiscoveryRate is 1.1; give a number from 0 to 1/],
    ['a name in capitals', { endpointName: 'Flights' }, /endpointName is 'Flights'/],
  ])('%s is refused', (_, props, message) => {
    expect(() => monitor(props)).toThrow(message);
  });

  test('a metric of a user keeps the monitor\'s identity', () => {
    templateOf((stack) => {
      const { buckets, registry } = surroundings(stack);
      const made = new DriftMonitor(stack, 'Monitor', { buckets, registry, endpointName: 'flights' });
      const metric = made.metric('MaxPsi', { dimensionsMap: { Endpoint: 'other' }, period: Duration.hours(6) });
      expect(metric).toMatchObject({ dimensions: { Endpoint: 'flights', Monitor: made.monitorName }, period: Duration.hours(6) } as Partial<Metric>);
    });
  });

  test('outline', () => { expect(outline(template)).toMatchSnapshot(); });
});

describe('retraining', () => {
  const handler = resource(loop, 'AWS::Lambda::Function', 'LoopRetrainingStart');

  test('looks when the drift alarm changes, whichever way, and every hour', () => {
    const { EventPattern } = resource(loop, 'AWS::Events::Rule', 'LoopRetrainingAlarmChanges').Properties;
    expect(EventPattern).toEqual({
      'source': ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'],
      'resources': [{ 'Fn::GetAtt': [expect.stringMatching(/^LoopMonitorDrift/), 'Arn'] }],
    });
    expect(resource(loop, 'AWS::Events::Rule', 'LoopRetrainingHourly').Properties.ScheduleExpression).toBe('cron(40 * * * ? *)');
  });

  test('has a cool-down and a budget by default, and trains on the dataset\'s window', () => {
    expect(JSON.parse(handler.Properties.Environment.Variables.RULES)).toEqual({ cooldownHours: 24, monthlyBudget: 8, trainingWindow: 'default' });
  });

  test('a window of its own is given as a duration', () => {
    const own = resource(loopTemplate({ retraining: { trainingWindow: Duration.days(10) } }), 'AWS::Lambda::Function', 'LoopRetrainingStart');
    expect(JSON.parse(own.Properties.Environment.Variables.RULES).trainingWindow).toBe('P10D');
  });

  test('an event that cannot be handled is kept', () => {
    loop.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Object.keys(resources(loop, 'AWS::Lambda::Function')).find((id) => id.startsWith('LoopRetrainingStart')) },
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [Object.keys(resources(loop, 'AWS::SQS::Queue'))[0], 'Arn'] } } },
    });
  });
});

describe('alarms', () => {
  test('each tells the topic of its beginning and its end, with a severity and a paragraph of the runbook', () => {
    const runbook = readFileSync(join(__dirname, '../../../docs/runbook.md'), 'utf8');
    const topic = [{ Ref: expect.stringMatching(/^LoopAlarms/) }];
    const alarms = Object.values(resources(loop, 'AWS::CloudWatch::Alarm'));
    expect(alarms.length).toBeGreaterThanOrEqual(9);
    for (const { Properties } of alarms) {
      expect(Properties).toMatchObject({ AlarmActions: topic, OKActions: topic });
      const [, anchor] = /^\[(?:critical|warning)\] .*#([a-z-]+)$/.exec(Properties.AlarmDescription)!;
      expect(runbook).toContain(`<a id="${anchor}"></a>`);
    }
  });

  test('alarms and rules can publish to the topic, under a key that lets them', () => {
    const alone = templateOf((stack) => {
      const { topic } = new AlarmTopic(stack, 'Alarms', { emails: ['team@example.com'] });
      new Alarm(stack, 'Alarm', { metric: new Metric({ namespace: 'x', metricName: 'y' }), threshold: 1, evaluationPeriods: 1 });
      expect(Topic.isOwnedResource(topic)).toBe(true);
    });
    const { KeyPolicy } = Object.values(resources(alone, 'AWS::KMS::Key'))[0]!.Properties;
    const users = Object.fromEntries(KeyPolicy.Statement.filter((each: any) => each.Principal.Service).map((each: any) => [each.Principal.Service, each]));
    expect(users['cloudwatch.amazonaws.com'].Condition.ArnLike).toHaveProperty(['aws:SourceArn']);
    // EventBridge carries no source to the key: a condition would drop its messages without a word.
    expect(users['events.amazonaws.com']).not.toHaveProperty('Condition');
    const publish = Object.values(resources(alone, 'AWS::SNS::TopicPolicy'))[0]!.Properties.PolicyDocument.Statement.find((each: any) => each.Sid === 'Alarms');
    expect(publish).toMatchObject({ Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } });
    alone.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'team@example.com' });
    expect(outline(alone)).toMatchSnapshot();
  });
});

test('the dashboard shows traffic, drift and retraining', () => {
  const body = JSON.stringify(Object.values(resources(loop, 'AWS::CloudWatch::Dashboard'))[0]!.Properties.DashboardBody);
  for (const shown of ['Invocations', 'FeaturesDrifted', 'MaxFeatureDrift', 'RetrainingsStarted', 'ModelLatency']) expect(body).toContain(shown);
});

describe('retirement', () => {
  const wired = loop.toJSON() as WiredTemplate;
  const idOf = (pattern: RegExp) => Object.keys(wired.Resources).find((id) => pattern.test(id))!;
  const [[loopId, ofLoop]] = Object.entries(resources(loop, 'Custom::LoopRetirement')) as [[string, any]];
  const [[endpointId, ofEndpoint]] = Object.entries(resources(loop, 'Custom::EndpointRetirement')) as [[string, any]];
  const { Variables } = resource(loop, 'AWS::Lambda::Function', 'LoopRetirementRetire').Properties.Environment;

  test('has an hour, for the endpoint and for the rest', () => {
    for (const { Properties } of [ofLoop, ofEndpoint]) expect(Properties.ServiceTimeout).toBe('3600');
  });

  test.each([/^LoopEndpointExecutionRole/, /^LoopEndpointLogs/, /^LoopImage[0-9A-F]{8}$/, /^LoopDataArtifacts[0-9A-F]{8}$/])('takes the endpoint down before what it needs: %s', (needed) => {
    expect(isNeededBy(wired, endpointId, idOf(needed))).toBe(true);
  });

  test.each([
    /^LoopTraining[0-9A-F]{8}$/, /^LoopTrainingWorkflowRole/, /^LoopTrainingTrainingRole/, /^LoopTrainingScoringRole/, /^LoopMonitorWorkflow[0-9A-F]{8}$/, /^LoopMonitorShardPolicy/, /^LoopRetirementWorkflow[0-9A-F]{8}$/,
  ])('stops executions before what they need is deleted: %s', (needed) => {
    expect(isNeededBy(wired, loopId, idOf(needed))).toBe(true);
  });

  test('comes when nothing can start any more: every pipeline, and every rule that starts something, is gone by then', () => {
    const harmless = /^LoopApproval/;
    for (const type of ['AWS::CodePipeline::Pipeline', 'AWS::Events::Rule']) {
      for (const id of Object.keys(resources(loop, type)).filter((each) => !harmless.test(each))) expect({ id, first: isNeededBy(wired, id, loopId) }).toEqual({ id, first: true });
    }
    for (const starter of [/^LoopReleasePipeline[0-9A-F]{8}$/, /^LoopEndpointDeploy[0-9A-F]{8}$/, /^LoopEndpointDeployRole/]) expect(isNeededBy(wired, idOf(starter), endpointId)).toBe(true);
    expect(isNeededBy(wired, endpointId, loopId)).toBe(true);
  });

  test('knows every workflow of the loop', () => {
    for (const id of Object.keys(resources(loop, 'AWS::StepFunctions::StateMachine')).filter((each) => !each.startsWith('LoopRetirement'))) {
      expect(JSON.stringify(ofLoop.Properties.StateMachineArns)).toContain(id);
    }
  });

  test('of an endpoint has its name in its id, so that a renamed one is deleted by what was allowed to', () => {
    expect(ofEndpoint.Properties.Name).toMatch(/^mlops-loop-endpoint-/);
    const renamed = loopTemplate({ endpointName: 'flights' });
    expect(Object.keys(resources(renamed, 'Custom::EndpointRetirement'))).not.toContain(endpointId);
    const policies = (of: typeof loop) => Object.keys(resources(of, 'AWS::IAM::Policy')).filter((id) => id.startsWith('LoopRetirement'));
    expect(policies(renamed)).not.toEqual(policies(loop));
    expect(Object.keys(resources(renamed, 'Custom::LoopRetirement'))).toEqual([loopId]);
  });

  test('looks again until CloudFormation has its answer', () => {
    const workflow = resource(loop, 'AWS::StepFunctions::StateMachine', 'LoopRetirementWorkflow');
    const { States, TimeoutSeconds } = definitionOf(workflow);
    expect(States.Answered).toEqual({ Type: 'Choice', Choices: [{ Variable: '$.status', StringEquals: 'answered', Next: 'Done' }], Default: 'Wait' });
    expect(TimeoutSeconds).toBeLessThanOrEqual(3600);
    expect(JSON.stringify(Variables.WORKFLOW_ARN)).toContain(workflow.Properties.StateMachineName);
  });
});
