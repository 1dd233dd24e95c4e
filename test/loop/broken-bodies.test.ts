import { handlersOf } from '../../scripts/faults/assembly';
import type { Fault, FaultPlan } from '../../twin';
import type { CallRequest } from '../../twin/world';
import { quiet, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';
import { approveAndRelease } from './support/steps/release';

/** The first object that each handler reads breaks off half-way; of the dataset's reader, the first object with data. */
class BreakOnce implements FaultPlan {
  armed = false;
  dataBucket = '';
  readonly broken = new Set<string>();
  constructor(private readonly names: ReadonlyMap<string, string>) {}

  decide({ operation, functionName, input }: CallRequest): Fault | undefined {
    if (!this.armed || operation !== 'GetObject' || functionName === undefined) return undefined;
    const [, name = functionName] = [...this.names].find(([logicalId]) => functionName.includes(`-${logicalId.slice(0, 24)}`)) ?? [];
    if (this.broken.has(name) || (name === 'resolve-dataset' && input.Bucket !== this.dataBucket)) return undefined;
    this.broken.add(name);
    return 'broken-body';
  }
}

test('whatever object breaks off while it is read, training, release and scan go on', async () => {
  const assembly = shortLoopAssembly();
  const faults = new BreakOnce(handlersOf(assembly.directory));
  const loop = await Loop.deploy(assembly.directory, { faults });
  try {
    await loop.handInDays(2);
    await quiet(loop);
    faults.dataBucket = loop.names.dataBucket;
    faults.armed = true;
    const since = loop.now;
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    const [{ ModelPackageArn }] = await loop.account.pending();
    await approveAndRelease(loop, ModelPackageArn);
    for (let hour = 0; hour < 3; hour++) await loop.serveHour();
    const stateMachineArn = await loop.resource('AWS::StepFunctions::StateMachine', 'Monitor');
    const { executions } = await loop.call('states', 'ListExecutions', { stateMachineArn });
    const scans = executions.filter(({ startDate }: { startDate: Date }) => startDate.getTime() >= since).map(({ status }: { status: string }) => status);
    expect(new Set(scans)).toEqual(new Set(['SUCCEEDED']));
    expect([...faults.broken]).toEqual(expect.arrayContaining([
      'resolve-dataset', 'profile-data', 'judge-candidate', 'register-candidate', 'probe-endpoint', 'plan-scan', 'scan-capture', 'reduce-scan',
    ]));
  } finally {
    await loop.twin.stop();
    assembly.remove();
  }
}, 180_000);
