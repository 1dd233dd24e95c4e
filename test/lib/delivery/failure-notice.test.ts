import { inputFor } from '../../../twin/services/events/input';
import { loopTemplate, resource } from '../fixtures';

const RULE = { name: 'r', arn: 'arn:aws:events:eu-west-1:123456789012:rule/r' };
const NAMES = { pipeline: 'Training', stage: 'Train', action: 'Train.Model', 'execution-id': '01234567-0123-0123-0123-0123456789ab' };

/** What the topic gets of a failed action, by the rules of EventBridge's input transformer. */
function noticeOf(detail: object): any {
  const [target] = resource(loopTemplate(), 'AWS::Events::Rule', 'LoopTrainingPipelineFailed').Properties.Targets;
  return JSON.parse(inputFor(target, { detail: { ...NAMES, ...detail } }, RULE, new Date(0)));
}

describe('the notice of a failed action', () => {
  test.each([
    ['quotes', 'no column "delay" in \'flights\''],
    ['backslashes', 'no file C:\\data\\new.csv'],
    ['line breaks and tabs', 'Traceback:\n\tline 1\r\nValueError'],
    ['JSON', '{"ErrorCode":"ClientError","Cause":"a \\"quoted\\" cause"}'],
    ['text that looks like a variable', 'could not convert <detail-stage> <aws.events.event.json>'],
    ['control and other characters', 'null \u0000, separator \u2028, snowman ☃'],
  ])('is valid JSON and holds the reason unchanged when that has %s', (_what, summary) => {
    const result = { 'external-execution-id': 'x', 'external-execution-summary': summary, 'error-code': 'JobFailed' };
    const { warning, reason } = noticeOf({ 'execution-result': result });
    expect(reason).toEqual(result);
    expect(warning).toMatch(/^Train\/Train\.Model of pipeline Training failed in run 01234567-[-0-9a-f]+\. Runbook: https:\/\/\S+#training-pipeline-failed$/);
  });

  test('is valid JSON when AWS gives no reason, as for a rejected approval', () => {
    expect(noticeOf({})).toMatchObject({ warning: expect.stringContaining('Train/Train.Model'), reason: '' });
  });
});
