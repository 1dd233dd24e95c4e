import { AwsError } from '../../service';
import type { ResourceProvider, ResourceRequest } from '../../service';
import type { CodeBuildState } from './api';
import type { Project } from './project';
import { settingsOf } from './project';

export function codeBuildResources(state: CodeBuildState): Record<string, ResourceProvider> {
  const handle = (project: Project) => ({ physicalId: project.name, attributes: { Arn: project.arn } });
  return {
    'AWS::CodeBuild::Project': {
      properties: [
        'Name', 'Description', 'Source', 'SecondarySources', 'SourceVersion', 'Artifacts', 'SecondaryArtifacts', 'ServiceRole', 'Environment', 'EncryptionKey',
        'TimeoutInMinutes', 'QueuedTimeoutInMinutes', 'Cache', 'LogsConfig', 'ConcurrentBuildLimit', 'VpcConfig', 'Tags',
      ],
      createOnly: ['Name'],
      attributes: ['Arn'],
      create: (request) => {
        const { world } = request;
        const name: string = request.properties.Name ?? request.generateName(150);
        if (state.projects.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Project already exists: ${world.arn('codebuild', `project/${name}`)}`);
        const project: Project = {
          name, arn: world.arn('codebuild', `project/${name}`), created: world.clock.date(), lastModified: world.clock.date(), settings: settingsOf(withoutName(request)), builds: 0,
        };
        state.projects.set(name, project);
        return handle(project);
      },
      update: (request, existing) => {
        const project = state.projects.get(existing.physicalId)!;
        project.settings = settingsOf(withoutName(request));
        project.lastModified = request.world.clock.date();
        return handle(project);
      },
      // "When you delete a project, its builds are not deleted", says DeleteProject; nor is one that runs stopped.
      delete: (_request, existing) => { state.projects.delete(existing.physicalId); },
    },
  };
}

function withoutName({ properties }: ResourceRequest): Record<string, unknown> {
  const { Name: _, ...rest } = properties;
  return rest;
}
