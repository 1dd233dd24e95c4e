import type { Pipeline } from './state';

/** The pipelines that a push to this branch starts. */
export function pushTargets(pipelines: readonly Pipeline[], connectionArn: string, fullRepositoryId: string, branch: string): Pipeline[] {
  return pipelines.filter(({ declaration }) => declaration.stages[0]!.actions.some(({ name, actionTypeId, configuration }) => {
    if (actionTypeId.provider !== 'CodeStarSourceConnection') return false;
    if (configuration.ConnectionArn !== connectionArn || configuration.FullRepositoryId !== fullRepositoryId) return false;
    // A trigger takes the place of the default change detection.
    if (declaration.triggers.length > 0) return declaration.triggers.some(({ gitConfiguration }) => gitConfiguration.sourceActionName === name && matches(gitConfiguration.push, branch));
    return configuration.DetectChanges !== 'false' && configuration.BranchName === branch;
  }));
}

interface PushFilter {
  readonly branches?: { readonly includes?: readonly string[]; readonly excludes?: readonly string[] };
}

function matches(filters: readonly PushFilter[] | undefined, branch: string): boolean {
  return (filters ?? []).some(({ branches }) => (
    (branches?.includes ?? []).some((pattern) => glob(pattern).test(branch)) && !(branches?.excludes ?? []).some((pattern) => glob(pattern).test(branch))
  ));
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('**', '\0').replaceAll('*', '[^/]*').replaceAll('\0', '.*').replaceAll('?', '.')}$`);
}
