import type { JobReport } from '../jobs';
import { patiently } from '../patiently';
import type { Artifact } from '../state';
import { type ActionContext, ActionFailure, type ActionProvider } from './provider';

const MINUTE = 60_000;
/** A function must report within this time; every report that it goes on starts it anew. */
const REPORT_WITHIN = 20 * MINUTE;
/** How long a function that goes on is left alone; AWS does not say. */
const CONTINUE_AFTER = 30_000;

/** Invokes a function with a job; the function reports on the job, at once or in many looks. */
export const lambdaInvoke: ActionProvider = {
  category: 'Invoke', owner: 'AWS', provider: 'Lambda', version: '1',
  required: ['FunctionName'], optional: ['UserParameters'],
  inputs: [0, 5], outputs: [0, 5], timeoutMinutes: 24 * 60,

  async run(context) {
    for (let continuationToken: string | undefined; ;) {
      const report = await hand(context, continuationToken);
      if (report.kind === 'failure') throw report.failure;
      context.run.summary = report.summary;
      context.run.externalExecutionId = report.externalExecutionId ?? context.run.externalExecutionId;
      if (report.continuationToken === undefined) {
        return { outputVariables: report.outputVariables, summary: report.summary, externalExecutionId: report.externalExecutionId };
      }
      continuationToken = report.continuationToken;
      await context.pause(CONTINUE_AFTER);
    }
  },
};

/** Gives the function one job and waits for its report. */
async function hand(context: ActionContext, continuationToken: string | undefined): Promise<JobReport> {
  const { world, pipeline, execution, run, configuration, caller, jobs } = context;
  const data = {
    actionConfiguration: { configuration: { ...configuration } },
    inputArtifacts: context.inputs.map(described),
    outputArtifacts: context.outputs.map(described),
    artifactCredentials: artifactCredentials(context),
    ...(continuationToken === undefined ? {} : { continuationToken }),
    ...encryption([...context.inputs, ...context.outputs]),
  };
  const { job, report } = jobs.open(pipeline, execution, run, data);
  context.onAbandon(() => { job.open = false; });
  // Invoked asynchronously: what the function throws is Lambda's to retry, and nobody's here to see.
  await patiently(world, {
    service: 'lambda', operation: 'Invoke', caller,
    input: {
      FunctionName: configuration.FunctionName, InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify({ 'CodePipeline.job': { id: job.id, accountId: world.account, data } })),
    },
  });
  return Promise.race([report, silence(context, job)]);
}

function silence(context: ActionContext, job: { open: boolean }): Promise<never> {
  return new Promise((_, reject) => {
    const timer = context.world.clock.after(REPORT_WITHIN, 'report of a pipeline job', () => {
      if (!job.open) return;
      job.open = false;
      reject(new ActionFailure('JobFailed', `The AWS Lambda function ${context.configuration.FunctionName} failed to return a result. Check the function to verify that it has permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult.`));
    });
    context.onAbandon(() => timer.cancel());
  });
}

/** A session of the pipeline's role, cut down to the artifacts of this action's bucket. */
function artifactCredentials({ world, pipeline, run, inputs, outputs }: ActionContext) {
  const buckets = [...new Set([...inputs, ...outputs].map(({ bucket }) => bucket))];
  const keys = [...new Set([...inputs, ...outputs].flatMap(({ encryptionKeyId }) => encryptionKeyId ?? []))];
  const allowed = buckets.length === 0 ? [] : [
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], Resource: buckets.map((bucket) => world.arn('s3', `${bucket}/*`, '', '')) },
    // The bucket may be encrypted with a key of its own as well as with the store's.
    { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'], Resource: keys.length === 0 ? '*' : keys },
  ];
  return world.credentialsFor({
    kind: 'role', roleArn: pipeline.declaration.roleArn, sessionName: run.id,
    sessionPolicy: { Version: '2012-10-17', Statement: allowed.length === 0 ? [{ Effect: 'Deny', Action: '*', Resource: '*' }] : allowed },
  });
}

function described({ name, bucket, key, revision }: Artifact) {
  return { name, revision: revision?.id ?? null, location: { type: 'S3', s3Location: { bucketName: bucket, objectKey: key } } };
}

function encryption(artifacts: readonly Artifact[]) {
  const id = artifacts.find(({ encryptionKeyId }) => encryptionKeyId !== undefined)?.encryptionKeyId;
  return id === undefined ? {} : { encryptionKey: { id, type: 'KMS' } };
}
