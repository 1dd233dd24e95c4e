import { Referee } from '../../../scripts/referee/referee';
import { AwsError } from '../../../twin';
import { Models } from '../../../twin/http';
import { describeWith } from './python';

/* That the referee, whose verdict over the loop's calls is "no violation", finds what AWS could not have answered. */

const TIME = new Date('2026-01-02T03:04:05.678Z');
const operation = (service: string, name: string) => Models.load().operation(service, name)!;

describeWith(['botocore'], 'the referee of responses', () => {
  test.each([
    ['codebuild', 'BatchGetBuilds', { builds: [], buildsNotFound: [] }, /BatchGetBuilds in json.*valid min length: 1/s],
    ['sagemaker', 'DescribeTrainingJob', { TrainingJobName: 'a', TrainingJobStatus: 'InProgress', CreationTime: TIME }, /Missing required parameter.*"ModelArtifacts"/s],
    ['logs', 'GetLogEvents', { events: [{ timestamp: 1_700_000_000_000.5, message: 'x' }] }, /Invalid type for parameter events\[0\]\.timestamp/],
    ['monitoring', 'DescribeAlarms', { MetricAlarms: [{ AlarmName: 'a', StateValue: 'RINGING' }] }, /DescribeAlarms in query.*StateValue: not in the enum/],
    ['states', 'StartExecution', { executionArn: 'arn:x' }, /Missing required parameter.*"startDate"/s],
  ])('finds fault with %s %s', async (service, name, output, problem) => {
    const referee = new Referee();
    referee.see({ operation: operation(service, name), input: {}, answer: { output } });
    const { problems } = await referee.verdict();
    expect(problems.map((each) => each.problem).filter((each) => each.startsWith('response')).join('\n')).toMatch(problem);
  });

  test('finds fault with a request, and lets good calls and errors pass', async () => {
    const referee = new Referee();
    const describe = operation('sagemaker', 'DescribeModelPackageGroup');
    const output = {
      ModelPackageGroupName: 'a', ModelPackageGroupArn: 'arn:aws:sagemaker:us-east-1:123456789012:model-package-group/a', CreationTime: TIME,
      CreatedBy: {}, ModelPackageGroupStatus: 'Completed',
    };
    referee.see({ operation: describe, input: { ModelPackageGroupName: 'a' }, answer: { output } });
    referee.see({ operation: describe, input: {}, answer: { error: new AwsError('ValidationException', 'no') } });
    referee.see({ operation: describe, input: { ModelPackageGroupName: 'a_b' }, answer: { output } });
    const verdict = await referee.verdict();
    expect(verdict).toMatchObject({ calls: 3, different: 3, requests: 2, responses: 2, errors: 1 });
    expect(verdict.problems).toEqual([{ problem: expect.stringMatching(/^request of sagemaker DescribeModelPackageGroup: ArnOrName: not of the pattern/), count: 1, examples: expect.anything() }]);
  });
});
