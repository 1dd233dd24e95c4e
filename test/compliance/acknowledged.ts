/** One finding of a cdk-nag pack that is accepted, and why. Reviewed as a whole: every finding has its reason here. */
export interface Acknowledgement {
  /** Names of the rules without the pack's prefix. */
  readonly rules: readonly string[];
  /** Which constructs, by path. */
  readonly at: RegExp;
  /** Which of the rule's findings, where it makes several of one construct. */
  readonly finding?: RegExp;
  readonly reason: string;
}

export const ACKNOWLEDGED: readonly Acknowledgement[] = [
  {
    rules: ['SQS3'],
    at: /\/DeadLetters\//,
    reason: 'it is the dead-letter queue; its targets name it in the rules and functions, which the rule does not look at',
  },
  {
    rules: ['S1', 'S3BucketLoggingEnabled'],
    at: /\/Data\//,
    reason: 'access logs belong into a bucket of the account\'s log archive, which only the account\'s owner can name; CloudTrail data events cover the same',
  },
  {
    rules: ['S3BucketReplicationEnabled'],
    at: /\/Data\//,
    reason: 'datasets have their own source, models can be trained again, and captured traffic is personal data that must not be copied around',
  },
  {
    rules: ['S3BucketVersioningEnabled'],
    at: /\/Data\/(Captured|PipelineArtifacts)\//,
    reason: 'captured traffic must be gone when it expires; pipeline artifacts are copies that are never written twice',
  },
  {
    rules: ['SF1', 'SF2'],
    at: /\/(Training\/Resource|Monitor\/Workflow|Retirement\/Workflow)\//,
    reason: 'standard workflows keep the whole history of an execution for ninety days; a log would repeat it and needs permissions on every log group',
  },
  {
    rules: ['IAMNoInlinePolicy'],
    at: /\/([A-Za-z]*Role|ShardPolicy|Retirement\/[a-z0-9-]+\/Policy)\/Resource$/,
    reason: 'a role and what it may do are one thing here, made for one user; a managed policy could be attached to others',
  },
  {
    rules: ['LambdaConcurrency'],
    at: /\//,
    reason: 'reserved concurrency takes from the account\'s pool; no function here is called more often than a pipeline, a schedule or the shards of a scan (a hundred at a time by default) call it',
  },
  {
    rules: ['LambdaDLQ'],
    at: /\//,
    reason: 'functions invoked by events send failures to the queue by their invoke configuration, which the rule does not look at; the others are invoked synchronously or report themselves',
  },
  {
    rules: ['LambdaInsideVPC'],
    at: /\//,
    reason: 'handlers call AWS APIs only, which a VPC would need endpoints for; jobs and models, which see the data, take a vpc',
  },
  {
    rules: ['CodeBuildProjectSourceRepoUrl'],
    at: /\/Image\/Build\//,
    reason: 'the source is CodePipeline, not a repository with credentials in its address',
  },
  {
    rules: ['IAM5'],
    at: /Role\/Resource$/,
    finding: /^Resource::\*$/,
    reason: 'actions that know no resource; each stands by name in the list of test/lib/permissions.test.ts',
  },
  {
    rules: ['IAM5'],
    at: /Role\/Resource$/,
    finding: /^Resource::<(Loop|Around)Data[A-Za-z]+[0-9A-F]{8}\.Arn>\/([a-z0-9-]+\/|<[A-Za-z0-9]+>\/)*\*$/,
    reason: 'the objects below one prefix of one bucket of the loop; their names are not known before they are written',
  },
  {
    rules: ['IAM5'],
    at: /(Role|Retirement\/[a-z0-9-]+\/Policy)\/Resource$/,
    finding: /^Resource::arn:<AWS::Partition>:(sagemaker|cloudwatch):<AWS::Region>:<AWS::AccountId>:(model|endpoint-config|training-job|transform-job|processing-job|alarm)[/:][a-z0-9-]+-\*$/,
    reason: 'what releases and runs make carries a hash of its content after the name of the endpoint or the run',
  },
  {
    rules: ['IAM5'],
    at: /Role\/Resource$/,
    finding: /:model-package\/.+\/\*$/,
    reason: 'the packages of one group; their versions are numbered when they are made',
  },
  {
    rules: ['IAM5'],
    at: /\/(Deploy|Retire)\/Role\/Resource$/,
    finding: /:alarm:(TargetTracking-)?\*$|:scalable-target\/\*$/,
    reason: 'alarms are looked up by prefix, which counts as a look at all; the ids of scalable targets are given by AWS',
  },
  {
    rules: ['IAM5'],
    at: /\/Training\/(Training|Scoring|Evaluation)Role\/Resource$/,
    finding: /:log-group:\/aws\/sagemaker\/(TrainingJobs|TransformJobs|ProcessingJobs)\*$/,
    reason: 'log streams are named by SageMaker',
  },
  {
    rules: ['IAM5'],
    at: /Pipeline\/Role\/Resource$/,
    finding: /:kms:<AWS::Region>:<AWS::AccountId>:key\/\*$/,
    reason: 'the key of the bootstrap bucket is not known to the app; conditions limit its use to S3 and to the one asset that the pipeline reads',
  },
  {
    rules: ['IAM5'],
    at: /\/(TrainingPipeline\/Role|ShardPolicy|Retirement\/Retire\/Role)\/Resource$/,
    finding: /:execution:<[A-Za-z0-9.]+>[:/]\*$/,
    reason: 'executions of one workflow; their names are given when they start',
  },
  {
    rules: ['IAM5'],
    at: /\/((Training|Scoring|Evaluation)Role|ExecutionRole)\/Resource$/,
    finding: /:network-interface\/\*$/,
    reason: 'in a VPC: interfaces are named by EC2 when they are made, and made only in the subnets and security groups that the same statement names',
  },
  {
    rules: ['IAM5'],
    at: /\/(ExecutionRole|ScoringRole)\/Resource$/,
    finding: /\/runs\/\*\/model\/\*$/,
    reason: 'models of packages that an earlier version of the library registered lie below the folder of their run',
  },
];
