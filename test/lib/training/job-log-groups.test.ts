import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { JobLogGroups } from '../../../lib';
import { outline, resources, templateOf } from '../fixtures';

test('the groups that all jobs share have an end, and leave with their stack', () => {
  const template = templateOf((stack) => { new JobLogGroups(stack, 'Jobs', { retention: RetentionDays.ONE_WEEK }); });
  const groups = Object.values(resources(template, 'AWS::Logs::LogGroup'));
  expect(groups.map(({ Properties }) => [Properties.LogGroupName, Properties.RetentionInDays])).toEqual([
    ['/aws/sagemaker/TrainingJobs', 7], ['/aws/sagemaker/TransformJobs', 7], ['/aws/sagemaker/ProcessingJobs', 7],
  ]);
  for (const { DeletionPolicy } of groups) expect(DeletionPolicy).toBe('Delete');
  expect(outline(template)).toMatchSnapshot();
});
