import { patiently } from '../patiently';
import { ActionFailure, type ActionProvider } from './provider';

/** Takes the head of a branch that a connection reaches. */
export const connectionSource: ActionProvider = {
  category: 'Source', owner: 'AWS', provider: 'CodeStarSourceConnection', version: '1',
  required: ['ConnectionArn', 'FullRepositoryId', 'BranchName'], optional: ['OutputArtifactFormat', 'DetectChanges'],
  inputs: [0, 0], outputs: [1, 1], timeoutMinutes: 60,

  check: ({ OutputArtifactFormat: format = 'CODE_ZIP' }) => (format === 'CODE_ZIP' ? [] : [`OutputArtifactFormat ${format} is not implemented by the twin, use CODE_ZIP`]),

  async run({ world, caller, configuration, outputs, artifacts, connections }) {
    const { ConnectionArn: arn, FullRepositoryId: repository, BranchName: branch } = configuration;
    await patiently(world, { service: 'codepipeline', operation: 'UseConnection', input: { connectionArn: arn, fullRepositoryId: repository }, caller });
    const commit = connections.head(arn!, repository!, branch!);
    if (commit === undefined) {
      throw new ActionFailure('ConfigurationError', `no branch '${branch}' of repository '${repository}' found through ${arn}; register it: service('codepipeline').connections.register(connectionArn, fullRepositoryId, directory)`);
    }
    await artifacts.writeFiles(outputs[0]!, commit.files, caller);
    const date = world.clock.date();
    outputs[0]!.revision = { id: commit.id, created: date };
    return {
      outputVariables: {
        AuthorDate: date.toISOString(), BranchName: branch!, CommitId: commit.id, CommitMessage: `commit ${commit.id.slice(0, 7)}`,
        ConnectionArn: arn!, FullRepositoryName: repository!,
      },
      externalExecutionId: commit.id, summary: `commit ${commit.id}`,
    };
  },
};
