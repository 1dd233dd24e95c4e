import type { AuthorizationRequest, Call } from '../../service';
import type { EcrState } from './state';

/** One permission on the repository of the request; a repository's own policy counts too. */
export function onRepository(state: EcrState, action: string) {
  return (input: { repositoryName: string; registryId?: string }, { world }: Call): AuthorizationRequest[] => {
    const repository = state.find(input.repositoryName, input.registryId);
    return [{
      action: `ecr:${action}`,
      resource: world.arn('ecr', `repository/${input.repositoryName}`, undefined, input.registryId ?? world.account),
      ...(repository?.policy !== undefined ? { resourcePolicy: repository.policy } : {}),
    }];
  };
}
