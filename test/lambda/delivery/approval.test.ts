import { reasonToLeave, type ApprovalRules } from '../../../lambda/delivery/approval';

const rules: ApprovalRules = { group: 'models', minimumScore: 0.7, direction: 'maximize' };

function candidate(score = '0.7', more = {}) {
  return {
    ModelPackageGroupName: 'models', ModelPackageStatus: 'Completed' as const, ModelApprovalStatus: 'PendingManualApproval' as const,
    CustomerMetadataProperties: { score } as Record<string, string>, ...more,
  };
}

test.each([
  ['one that reaches the score', candidate(), rules],
  ['a loss that is small enough', candidate('0.2'), { ...rules, direction: 'minimize' as const }],
  ['any one, where no score is wanted', candidate('-1'), { ...rules, minimumScore: undefined }],
])('approves %s', (_, found, given) => {
  expect(reasonToLeave(found, given)).toBeUndefined();
});

test.each([
  ['just below the score', candidate('0.6999'), rules, 'its score 0.6999 does not reach 0.7'],
  ['with too great a loss', candidate('0.8'), { ...rules, direction: 'minimize' as const }, 'its score 0.8 does not reach 0.7'],
  ['without a score', { ...candidate(), CustomerMetadataProperties: {} }, rules, 'its score NaN does not reach 0.7'],
  ['whose score is no number', candidate('high'), rules, 'its score NaN does not reach 0.7'],
  ['that failed', candidate('0.9', { ModelPackageStatus: 'Failed' }), rules, 'its status is Failed'],
  ['that a person has rejected meanwhile', candidate('0.9', { ModelApprovalStatus: 'Rejected' }), rules, 'it is already Rejected'],
  ['of another group', candidate('0.9', { ModelPackageGroupName: 'others' }), rules, "it belongs to the group 'others'"],
])('leaves one %s to a person', (_, found, given, reason) => {
  expect(reasonToLeave(found, given)).toBe(reason);
});
