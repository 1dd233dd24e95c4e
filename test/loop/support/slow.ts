import { CfnResource, type Stack } from 'aws-cdk-lib';
import type { Service, World } from '../../../twin';

/** A resource type of the account's own: it takes its time, and may fail after it. */
export function slowService(world: World): Service {
  return {
    name: 'slow',
    operations: {},
    resources: {
      'Test::Slow::Thing': {
        properties: ['Minutes', 'Fails'],
        createOnly: ['Minutes', 'Fails'],
        create: async ({ properties, generateName }) => {
          await world.clock.sleep(Number(properties.Minutes) * 60_000, 'a slow thing');
          if (properties.Fails === true) throw new Error('the slow thing was made to fail');
          return { physicalId: generateName() };
        },
        update: (_request, existing) => existing,
        delete: () => undefined,
      },
    },
    remaining: () => [],
  };
}

/** Adds one that fails, and that CloudFormation makes last. */
export function failsLast(stack: Stack, minutes: number): void {
  const last = new CfnResource(stack, 'Last', { type: 'Test::Slow::Thing', properties: { Minutes: minutes, Fails: true } });
  for (const child of stack.node.children) if (child !== last) last.node.addDependency(child);
}
