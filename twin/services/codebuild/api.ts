import { AwsError } from '../../service';
import type { AuthorizationRequest, Operation } from '../../service';
import type { World } from '../../world';
import type { Build } from './build';
import { currentPhase, describeBuild, overridden } from './build';
import { BuildRun } from './build-run';
import type { Project } from './project';
import { describeProject, findProject } from './project';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

export interface CodeBuildState {
  readonly projects: Map<string, Project>;
  readonly builds: Map<string, Build>;
}

const PAGE = 100;

export function codeBuildOperations(world: World, state: CodeBuildState): Record<string, Operation> {
  const projectArn = (name: string) => world.arn('codebuild', `project/${name.replace(/^arn:.*:project\//, '')}`);
  const onProject = (action: string, name: string): AuthorizationRequest => ({ action: `codebuild:${action}`, resource: projectArn(name) });
  const onBuilds = (action: string, ids: readonly string[]) => [...new Set(ids.map((id) => id.replace(/^arn:.*:build\//, '').split(':')[0]!))].map((name) => onProject(action, name));
  const find = (id: string): Build => {
    const build = state.builds.get(id.replace(/^arn:.*:build\//, ''));
    if (build === undefined) throw new AwsError('ResourceNotFoundException', `Build cannot be found: ${id}`);
    return build;
  };
  return {
    StartBuild: {
      authorize: (input) => [
        onProject('StartBuild', input.projectName),
        ...(input.serviceRoleOverride === undefined ? [] : [{ action: 'iam:PassRole', resource: input.serviceRoleOverride, context: { 'iam:PassedToService': 'codebuild.amazonaws.com' } }]),
      ],
      run: (input, { caller }) => ({ build: describeBuild(start(world, state, input, caller.kind === 'role' ? caller.roleArn.replace(/^.*:role\//, '') : 'administrator')) }),
    },
    StopBuild: {
      authorize: ({ id }) => onBuilds('StopBuild', [id]),
      run: ({ id }) => {
        const build = find(id);
        if (build.status === 'IN_PROGRESS') build.stopRequested = true;
        return { build: describeBuild(build) };
      },
    },
    BatchGetBuilds: {
      authorize: ({ ids }) => onBuilds('BatchGetBuilds', ids),
      run: ({ ids }) => {
        const found = (ids as string[]).map((id) => ({ id, build: state.builds.get(id.replace(/^arn:.*:build\//, '')) }));
        return {
          builds: found.flatMap(({ build }) => (build === undefined ? [] : [describeBuild(build)])),
          ...notFound('buildsNotFound', found.filter(({ build }) => build === undefined).map(({ id }) => id)),
        };
      },
    },
    BatchGetProjects: {
      authorize: ({ names }) => (names as string[]).map((name) => onProject('BatchGetProjects', name)),
      run: ({ names }) => ({
        projects: (names as string[]).flatMap((name) => { const project = state.projects.get(name); return project === undefined ? [] : [describeProject(project, world)]; }),
        ...notFound('projectsNotFound', (names as string[]).filter((name) => !state.projects.has(name))),
      }),
    },
    ListBuilds: {
      authorize: () => [{ action: 'codebuild:ListBuilds', resource: '*' }],
      run: (input) => listed([...state.builds.values()], input),
    },
    ListBuildsForProject: {
      authorize: ({ projectName }) => [onProject('ListBuildsForProject', projectName)],
      run: (input) => {
        const project = findProject(state.projects, input.projectName, world);
        return listed([...state.builds.values()].filter((build) => build.project === project), input);
      },
    },
    ListProjects: {
      authorize: () => [{ action: 'codebuild:ListProjects', resource: '*' }],
      run: () => (state.projects.size === 0 ? {} : { projects: [...state.projects.keys()].sort() }),
    },
  };
}

function listed(builds: readonly Build[], input: { sortOrder?: string; nextToken?: string }) {
  const ids = builds.map(({ id }) => id);
  if (input.sortOrder !== 'ASCENDING') ids.reverse();
  const start = Number(input.nextToken ?? 0);
  return { ...(ids.length > 0 && { ids: ids.slice(start, start + PAGE) }), ...(start + PAGE < ids.length ? { nextToken: String(start + PAGE) } : {}) };
}

function start(world: World, state: CodeBuildState, input: any, initiator: string): Build {
  const project = findProject(state.projects, input.projectName, world);
  const earlier = [...state.builds.values()].find((build) => input.idempotencyToken !== undefined && build.idempotencyToken === input.idempotencyToken && build.project === project);
  if (earlier !== undefined) return earlier;
  const settings = overridden(project.settings, input);
  if (settings.source.type === 'CODEPIPELINE' && input.sourceLocationOverride === undefined) {
    throw new AwsError('InvalidInputException', 'Build cannot be started: a project with source type CODEPIPELINE is started by a pipeline, which says where the source is');
  }
  const running = [...state.builds.values()].filter((build) => build.project === project && build.status === 'IN_PROGRESS').length;
  const limit = project.settings.concurrentBuildLimit;
  if (limit !== undefined && running >= Number(limit)) throw new AwsError('AccountLimitExceededException', `Cannot have more than ${limit} builds in queue for the project`);
  const id = `${project.name}:${world.random.uuid()}`;
  const variable = settings.environment.environmentVariables.find(({ name }: { name: string }) => name === 'CODEBUILD_INITIATOR');
  const build: Build = {
    id, arn: world.arn('codebuild', `build/${id}`), number: ++project.builds, project, settings, initiator: variable?.value ?? initiator, startTime: world.clock.date(),
    status: 'IN_PROGRESS', phases: [], exported: [], stopRequested: false,
    ...(input.idempotencyToken !== undefined ? { idempotencyToken: input.idempotencyToken } : {}),
  };
  state.builds.set(id, build);
  announce(world, build);
  const run = new BuildRun(world, build, (ended) => announce(world, ended));
  world.clock.after(0, `build ${id}`, () => run.run());
  return build;
}

/** A list of what was not found is left out where everything was. */
function notFound(member: string, names: string[]): Record<string, string[]> {
  return names.length === 0 ? {} : { [member]: names };
}

function announce(world: World, build: Build): void {
  world.publish({
    source: 'aws.codebuild', 'detail-type': 'CodeBuild Build State Change', resources: [build.arn],
    detail: {
      'build-status': build.status, 'project-name': build.project.name, 'build-id': build.arn, 'current-phase': currentPhase(build), 'current-phase-context': '[: ]', version: '1',
      'additional-information': {
        'build-complete': build.endTime !== undefined, initiator: build.initiator, 'build-start-time': build.startTime.toISOString(), 'build-number': build.number,
        ...(build.log !== undefined ? { logs: { 'group-name': build.log.groupName, 'stream-name': build.log.streamName } } : {}),
        phases: build.phases.map((phase) => ({
          'phase-type': phase.phaseType, 'phase-status': phase.phaseStatus, 'start-time': phase.startTime.toISOString(), 'duration-in-seconds': phase.durationInSeconds,
          'phase-context': (phase.contexts ?? []).map(({ statusCode, message }) => `${statusCode}: ${message}`),
        })),
      },
    },
  });
}
