import { spawnSync } from 'node:child_process';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { hasArmProcessors } from '../../../../lib/private/instance-architecture.contract';
import { Models } from '../../../../twin/http';
import { architectureOf } from '../../../../twin/services/sagemaker/architecture';
import { describeWith } from '../../differential/python';

/* The processors of every instance type in SageMaker's API model, against what EC2 says of them and what the CDK reads off their names. */

const enumOf = (shape: string): string[] => (Models.load().operation('sagemaker', 'CreateTrainingJob')!.service.shape(shape) as { enum?: string[] }).enum!;
const HOSTING = enumOf('ProductionVariantInstanceType');
const TRAINING = enumOf('TrainingInstanceType');
const PROCESSING = enumOf('ProcessingInstanceType');
const ALL = [...new Set([...HOSTING, ...TRAINING, ...PROCESSING])];

/** Types that EC2 has retired, or moto has not recorded: p2 and p3 have Intel processors, GB200 has NVIDIA's Grace, an Arm one. */
const UNRECORDED: Readonly<Record<string, string>> = { p2: 'amd64', p3: 'amd64', 'p6e-gb200': 'arm64' };
const familyOf = (type: string) => type.split('.')[1]!;
const families = (types: readonly string[]) => [...new Set(types.map(familyOf))].sort();

test('Graviton is for hosting: no type of a training or processing job has it', () => {
  const arm = (types: readonly string[]) => families(types.filter((type) => architectureOf(type) === 'arm64'));
  expect(arm(HOSTING)).toEqual(['c6g', 'c6gd', 'c6gn', 'c7g', 'c8g', 'm6g', 'm6gd', 'm8g', 'p6e-gb200', 'r6g', 'r6gd', 'r7gd', 'r8g']);
  expect(arm(TRAINING)).toEqual(['p6e-gb200']);
  expect(arm(PROCESSING)).toEqual([]);
});

test('the library and the twin agree on every type', () => {
  expect(ALL.filter((type) => hasArmProcessors(type) !== (architectureOf(type) === 'arm64'))).toEqual([]);
});

test('the CDK reads the same off their names, where it can read them', () => {
  // Its pattern has no digits behind a hyphen.
  const readable = ALL.filter((type) => !/^ml\.p6e?-/.test(type));
  expect(readable.length).toBeGreaterThan(250);
  const differ = readable.filter((type) => (new InstanceType(type.slice('ml.'.length)).architecture === 'arm64') !== hasArmProcessors(type));
  expect(differ).toEqual([]);
});

describeWith(['moto'], 'EC2 as recorded by moto', () => {
  // What DescribeInstanceTypes answered, as moto ships it.
  const script = 'import gzip,json,os,moto; d=json.load(gzip.open(os.path.join(os.path.dirname(moto.__file__),"ec2/resources/instance_types.json.gz")));'
    + 'print(json.dumps({k:v["ProcessorInfo"]["SupportedArchitectures"] for k,v in d.items()}))';
  const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const recorded = new Map<string, string>();
  for (const [type, architectures] of Object.entries(JSON.parse(stdout) as Record<string, string[]>)) recorded.set(type.split('.')[0]!, architectures.includes('arm64') ? 'arm64' : 'amd64');

  test('SageMaker\'s types have the processors that EC2 says', () => {
    const expected = (type: string) => recorded.get(familyOf(type)) ?? UNRECORDED[familyOf(type)];
    expect(ALL.map((type) => [type, architectureOf(type)])).toEqual(ALL.map((type) => [type, expected(type)]));
  });

  test('the rule holds for all of EC2, but for the first Graviton, which SageMaker does not offer', () => {
    const differ = [...recorded].filter(([family, architecture]) => architectureOf(`ml.${family}.large`) !== architecture).map(([family]) => family);
    expect(recorded.size).toBeGreaterThan(150);
    expect(differ).toEqual(['a1']);
  });
});
