import type { Operation, ResourceProvider, Service } from '../../service';
import type { World } from '../../world';
import type { CodeBuildState } from './api';
import { codeBuildOperations } from './api';
import { codeBuildResources } from './resources';

/** CodeBuild: projects, and builds whose commands run in a real shell. */
export class CodeBuildService implements Service {
  readonly name = 'codebuild';
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Readonly<Record<string, ResourceProvider>>;
  private readonly state: CodeBuildState = { projects: new Map(), builds: new Map() };

  constructor(world: World) {
    this.operations = codeBuildOperations(world, this.state);
    this.resources = codeBuildResources(this.state);
  }

  remaining(): string[] {
    const running = [...this.state.builds.values()].filter(({ status }) => status === 'IN_PROGRESS');
    return [...this.state.projects.values(), ...running].map(({ arn }) => arn);
  }
}
