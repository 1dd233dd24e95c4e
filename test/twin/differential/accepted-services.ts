/** Differences between the twin and moto that were looked at and stay: in each the twin does as AWS documents. */
export const ACCEPTED: ReadonlyArray<{ readonly reason: string; readonly differences: RegExp }> = [
  { reason: 'moto fails inside, where AWS and the twin answer or refuse', differences: /, moto: 500 / },
  { reason: 'moto does not check requests against the model', differences: /^sagemaker .*twin: ValidationException 1 validation error detected.*, moto: done/ },
  { reason: 'moto takes a name that is taken', differences: /^sagemaker Create.*twin: ValidationException (Cannot create already existing|Model Package Group already exists).*, moto: done/ },
  {
    reason: 'packages and endpoints of moto are complete at once; until they are, AWS refuses to change them',
    differences: /^sagemaker .*(is being changed by another operation|Cannot update in-progress endpoint|EndpointStatus: twin "Creating", moto "InService"|ModelApprovalStatus: twin "PendingManualApproval", moto "Rejected"|ApprovalDescription: twin none)/,
  },
  { reason: 'moto lists the packages of a group that does not exist', differences: /^sagemaker ListModelPackages .*model-package-group\/none does not exist\., moto: done/ },
  { reason: 'moto forgets the description of a package group', differences: /^sagemaker DescribeModelPackageGroup .*ModelPackageGroupDescription: twin "x", moto none/ },
  { reason: 'moto encrypts under a key that is disabled, and enables one that is being deleted', differences: /^kms (Encrypt|EnableKey) .*twin: (DisabledException|KMSInvalidStateException).*, moto: done/ },
  { reason: 'moto leaves members of a key out', differences: /^kms .*(KeyMetadata\.KeyUsage: twin "ENCRYPT_DECRYPT"|KeyState: twin "PendingDeletion"), moto none/ },
  { reason: 'moto takes keys longer than 1,024 bytes and buckets in capitals', differences: /^s3 .*twin: (KeyTooLongError|InvalidBucketName).*, moto: done/ },
  { reason: 'AWS answers 405 for a version that is a delete marker; moto does not know it', differences: /^s3 GetObject .*twin: MethodNotAllowed.*, moto: NoSuchVersion/ },
  { reason: 'AWS says when the version deleted was a delete marker', differences: /^s3 DeleteObject .*DeleteMarker: twin true, moto none/ },
  { reason: 'moto takes events in the name of AWS', differences: /^events PutEvents .*aws\.sagemaker.*(FailedEntryCount: twin 1, moto 0|NotAuthorizedForSourceException", moto none)/ },
  { reason: 'moto does not implement TestEventPattern', differences: /^events TestEventPattern .*Result: twin true, moto none/ },
  { reason: 'moto takes any number of days for a retention', differences: /^logs PutRetentionPolicy .*Invalid retention value 31.*, moto: done/ },
  {
    reason: 'codes of the former query protocol, which botocore\'s model of SQS does not name any more; the JavaScript SDK does not look at them',
    differences: /^sqs .*twin: (QueueDoesNotExist|QueueNameExists) .*, moto: (AWS\.SimpleQueueService\.NonExistentQueue|QueueAlreadyExists)/,
  },
];
