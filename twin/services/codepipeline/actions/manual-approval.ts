import { patiently } from '../patiently';
import { type ActionContext, ActionFailure, type ActionProvider, type ActionResult } from './provider';

/** Waits for somebody's word, for a week unless told otherwise. */
export const manualApproval: ActionProvider = {
  category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1',
  required: [], optional: ['NotificationArn', 'CustomData', 'ExternalEntityLink'],
  inputs: [0, 0], outputs: [0, 0], timeoutMinutes: 7 * 24 * 60, configurableTimeout: true,

  async run(context) {
    const decision = awaitDecision(context);
    await notify(context);
    return decision;
  },
};

export interface Decision {
  readonly status: 'Approved' | 'Rejected';
  readonly summary: string;
}

const undecided = new WeakMap<object, (decision: Decision) => void>();

/** Gives the word; false if the run waits for none (any more). */
export function decide(run: object, decision: Decision): boolean {
  const settle = undecided.get(run);
  undecided.delete(run);
  settle?.(decision);
  return settle !== undefined;
}

function awaitDecision({ run, world, onAbandon }: ActionContext): Promise<ActionResult> {
  run.token = world.random.uuid();
  return new Promise((resolve, reject) => {
    undecided.set(run, ({ status, summary }) => {
      run.token = undefined;
      if (status === 'Approved') resolve({ summary });
      else reject(new ActionFailure('Rejected', `Rejected: ${summary}`));
    });
    onAbandon(() => { undecided.delete(run); run.token = undefined; });
  });
}

async function notify({ world, caller, configuration, pipeline, run }: ActionContext): Promise<void> {
  const { NotificationArn: topic, CustomData: customData, ExternalEntityLink: link } = configuration;
  if (topic === undefined) return;
  const { stageName, declaration: { name, timeoutInMinutes } } = run;
  const expires = new Date(world.clock.now() + (timeoutInMinutes ?? manualApproval.timeoutMinutes) * 60_000);
  await patiently(world, {
    service: 'sns', operation: 'Publish', caller,
    input: {
      TopicArn: topic, Subject: `APPROVAL NEEDED: AWS CodePipeline ${pipeline.name} for action ${name}`.slice(0, 100),
      Message: JSON.stringify({
        region: world.region,
        approval: {
          pipelineName: pipeline.name, stageName, actionName: name, token: run.token, expires: expires.toISOString(),
          externalEntityLink: link ?? null, customData: customData ?? null,
          approvalReviewLink: `https://console.aws.amazon.com/codesuite/codepipeline/pipelines/${pipeline.name}/view?region=${world.region}#/${stageName}/${name}/approve/${run.token}`,
        },
      }),
    },
  });
}
