import type { Principal } from '../../service';
import type { World } from '../../world';
import { patiently } from './patiently';
import type { Pipeline } from './state';

const SERVICE = 'codepipeline.amazonaws.com';

/** The pipeline's role, assumed by CodePipeline: its trust policy must name the service. */
export async function assumePipelineRole(world: World, roleArn: string, pipelineArn: string, sessionName: string): Promise<Principal> {
  await assumeRole(world, roleArn, sessionName, { kind: 'service', service: SERVICE, sourceArn: pipelineArn, sourceAccount: world.account });
  return { kind: 'role', roleArn, sessionName: session(sessionName) };
}

/** An action's or a rule's own role, assumed by the pipeline's; without one, the pipeline's. */
export async function assume(world: World, pipeline: Pipeline, roleArn: string | undefined, sessionName: string): Promise<Principal> {
  const own = await assumePipelineRole(world, pipeline.declaration.roleArn, pipeline.arn, sessionName);
  if (roleArn === undefined || roleArn === pipeline.declaration.roleArn) return own;
  await assumeRole(world, roleArn, sessionName, own);
  return { kind: 'role', roleArn, sessionName: session(sessionName) };
}

async function assumeRole(world: World, roleArn: string, sessionName: string, caller: Principal): Promise<void> {
  await patiently(world, { service: 'sts', operation: 'AssumeRole', input: { RoleArn: roleArn, RoleSessionName: session(sessionName) }, caller });
}

function session(name: string): string {
  return name.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
}
