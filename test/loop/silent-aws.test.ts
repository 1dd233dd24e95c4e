import { ADMINISTRATOR, everyPage, Twin, type FaultPlan } from '../../twin';
import { shortLoopAssembly } from './support/assembly';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the API */
const MINUTE = 60_000;

/** Every such call of a handler is throttled for so long after the first one. */
class Throttled implements FaultPlan {
  private since: number | undefined;
  constructor(private readonly minutes: number, private readonly call = 'ListModelPackages') {}

  decide({ operation, caller }: Parameters<FaultPlan['decide']>[0], time: number) {
    if (operation !== this.call || caller.kind !== 'role') return undefined;
    this.since ??= time;
    return time - this.since < this.minutes * MINUTE ? 'throttle' as const : undefined;
  }
}

/** How the first release, which starts with the pipeline, ends. */
async function firstRelease(directory: string, faults: FaultPlan): Promise<any> {
  const twin = await Twin.fromAssembly(directory, { faults });
  const call = (operation: string, input: Record<string, unknown>): Promise<any> => everyPage((page) => twin.call({ service: 'codepipeline', operation, input: page, caller: ADMINISTRATOR }), input);
  try {
    await twin.deploy();
    await twin.advance({ hours: 1 });
    const { pipelines } = await call('ListPipelines', {});
    const pipelineName = pipelines.map(({ name }: { name: string }) => name).find((name: string) => /Release/.test(name));
    const { actionExecutionDetails } = await call('ListActionExecutions', { pipelineName });
    return actionExecutionDetails.find(({ actionName }: any) => actionName === 'Select');
  } finally {
    await twin.stop();
  }
}

describe('a release while AWS gives no answer', () => {
  const assembly = shortLoopAssembly();
  afterAll(() => { assembly.remove(); });

  test('waits for it', async () => {
    expect(await firstRelease(assembly.directory, new Throttled(20))).toMatchObject({ status: 'Succeeded', output: { outputVariables: { PackageArn: 'none' } } });
  }, 120_000);

  test('reports later what AWS did not take', async () => {
    expect(await firstRelease(assembly.directory, new Throttled(1, 'PutJobSuccessResult'))).toMatchObject({ status: 'Succeeded', output: { outputVariables: { PackageArn: 'none' } } });
  }, 120_000);

  test('does not wait for ever, and says what to do', async () => {
    const { status, output } = await firstRelease(assembly.directory, new Throttled(60));
    expect(status).toBe('Failed');
    expect(output.executionResult.errorDetails.message).toBe('no look was answered for 30 minutes (Rate exceeded); see the AWS Health Dashboard and the quotas of API calls, then retry the stage');
  }, 120_000);
});
