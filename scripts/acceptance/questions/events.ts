import { NotAnswered, type Question } from './question';
import { drain, recordingQueue } from './recorder';
import { deployedOf } from '../run';
import { review } from '../registry';

const MINUTES = 5;

export const inputTransformerEscaping: Question = {
  name: 'input-transformer-escaping',
  changes: 'nothing',
  async ask(run) {
    const { cloud, names, account, place: { connection: { region } }, tempo } = run;
    const partition = region.startsWith('cn-') ? 'aws-cn' : 'aws';
    const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
    const name = `${names.probe}-transformer`;
    const queueUrl = await recordingQueue(cloud, names, name, arn('sqs', name), arn('events', `rule/${name}`));
    await cloud.call('events', 'PutRule', { Name: name, EventPattern: JSON.stringify({ source: [name] }), Tags: names.tags });
    const templates = { object: '{"a": <why>}', inQuotes: '{"a": "<why>"}', text: '"<why>"' };
    await cloud.call('events', 'PutTargets', {
      Rule: name,
      Targets: Object.entries(templates).map(([Id, InputTemplate]) => ({ Id, Arn: arn('sqs', name), InputTransformer: { InputPathsMap: { why: '$.detail.why' }, InputTemplate: InputTemplate.replace('{"a"', `{"${Id}"`) } })),
    });
    const outputs = async (why: string): Promise<string[]> => {
      const arrived: string[] = [];
      await cloud.call('events', 'PutEvents', { Entries: [{ Source: name, DetailType: 'a test', Detail: JSON.stringify({ why }) }] });
      for (let minute = 0; minute < MINUTES && arrived.length < Object.keys(templates).length; minute++) {
        await tempo.sleep(60);
        arrived.push(...await drain(cloud, queueUrl));
      }
      return arrived;
    };
    await tempo.sleep(60);
    const plain = await outputs('say no');
    if (plain.length < 3) throw new NotAnswered(`of a text without quotes only ${plain.length} of 3 outputs arrived within ${MINUTES} minutes`);
    const arrived = await outputs('say "no"');
    const escaped = arrived.some((body) => body.includes('\\"no\\"'));
    return {
      answer: arrived.length === 0 ? 'no output with a quote arrives' : `${arrived.length} of 3 outputs with a quote arrive, ${escaped ? 'escaped' : 'as it is'}`,
      evidence: `${Object.values(templates).join(' | ')} gave ${plain.join(' ')} without quotes, ${arrived.join(' ') || 'nothing'} with them`,
    };
  },
};

export const approvalOfAnApprovedPackage: Question = {
  name: 'approval-of-an-approved-package',
  changes: 'nothing',
  async ask(run) {
    const kind = 'SageMaker Model Package State Change';
    const packageArn = run.seen.retrainedPackage!;
    const known = await run.recorder.eventsOf(kind, packageArn);
    // It is served already: whatever the event says, nothing is released.
    await review(run, packageArn, 'Approved');
    const event = await run.recorder.next(kind, packageArn, known.length, MINUTES);
    if (event === undefined) return { answer: 'there is no event', evidence: `none came in ${MINUTES} minutes; ${known.length} before` };
    const fields = event.detail.UpdatedModelPackageFields;
    return {
      answer: fields === undefined ? 'there is an event, which does not say what changed' : `the event names ${fields.join(', ') || 'nothing'}`,
      evidence: JSON.stringify({ time: event.time, ModelApprovalStatus: event.detail.ModelApprovalStatus, UpdatedModelPackageFields: fields }),
    };
  },
};

export const secondBake: Question = {
  name: 'second-bake',
  changes: 'nothing',
  async ask(run) {
    const { endpoint } = deployedOf(run);
    const events = await run.recorder.eventsOf('SageMaker Endpoint Deployment State Change', endpoint);
    const periods = new Map<string, string[]>();
    for (const { detail } of events) {
      const [variant] = detail.PendingDeploymentSummary?.ProductionVariants ?? [];
      for (const { Status, StatusMessage } of variant?.VariantStatus ?? []) {
        const config = detail.PendingDeploymentSummary.EndpointConfigName;
        const seen = periods.get(config) ?? [];
        if (Status === 'Baking' && !seen.includes(StatusMessage)) periods.set(config, [...seen, StatusMessage]);
      }
    }
    const atFull = [...periods.values()].map((messages) => messages.filter((message) => /full capacity|100/.test(message)).length);
    return {
      answer: periods.size === 0 ? 'no period of baking was reported' : `${Math.max(...atFull)} baking period(s) after all traffic has moved`,
      evidence: [...periods].map(([config, messages]) => `${config}: ${messages.join(' then ')}`).join('; ') || `${events.length} events of deployments, none of them Baking`,
    };
  },
};
