import type { World } from '../../world';

/** `/a/b` and `name` alike: the slash before a hierarchy is the one after `parameter`. */
export function parameterArn(world: World, name: string): string {
  if (name.startsWith('arn:')) return name;
  return world.arn('ssm', `parameter/${name.replace(/^\//, '')}`);
}
