import { findLeftovers, settleStack } from '../clean-up';
import { CHANGED } from '../data';
import { deployedOf, type Step } from '../run';

export const destroy: Step = {
  name: 'destroy',
  expects: 'cdk destroy, in the middle of a training run, removes everything that bears the run\'s name',
  minutes: 20,
  async run(run) {
    await run.traffic.stop();
    const { dataBucket, trainingPipeline: name } = deployedOf(run);
    await run.data.handIn(dataBucket, CHANGED);
    await run.cloud.call('codepipeline', 'StartPipelineExecution', { name });
    await run.tempo.sleep(60);
    await run.cdk.destroy(run.settings);
    const gone = await settleStack(run, deployedOf(run).stackId);
    run.log.expect('the stack is gone', gone === 'DELETE_COMPLETE', gone);
    const { leftovers, problems } = await findLeftovers(run, run.names.stack);
    const left = [...leftovers.map(({ what }) => what), ...problems];
    run.log.expect('nothing bears its name', left.length === 0, left.join(', ') || 'nothing');
  },
};
