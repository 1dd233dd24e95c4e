import { handlersOf } from '../../scripts/faults/assembly';
import type { InvocationFaults, LambdaService } from '../../twin/services/lambda';
import { quiet, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';

const HANDLERS = ['resolve-dataset', 'profile-data', 'judge-candidate', 'register-candidate'];

/** The first invocation of each of these handlers hangs until the function's time-out. */
class HangOnce implements InvocationFaults {
  readonly hung: string[] = [];
  constructor(private readonly names: ReadonlyMap<string, string>) {}

  hang({ functionName }: { functionName: string }): boolean {
    const [, name = ''] = [...this.names].find(([logicalId]) => functionName.includes(`-${logicalId.slice(0, 24)}`)) ?? [];
    if (!HANDLERS.includes(name) || this.hung.includes(name)) return false;
    this.hung.push(name);
    return true;
  }
}

test('a handler that hangs until its time-out is run again, and the run succeeds', async () => {
  const assembly = shortLoopAssembly();
  const loop = await Loop.deploy(assembly.directory);
  try {
    await loop.handInDays(2);
    await quiet(loop);
    const faults = new HangOnce(handlersOf(assembly.directory));
    loop.twin.service<LambdaService>('lambda').faults = faults;
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    expect(faults.hung).toEqual(HANDLERS);
  } finally {
    await loop.twin.stop();
    assembly.remove();
  }
}, 180_000);
