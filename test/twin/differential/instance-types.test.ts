import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import SIZES from '../../../twin/services/sagemaker/instance-types.json';
import { describeWith } from './python';

const GENERATOR = path.resolve(__dirname, '../../../scripts/generate-instance-types.py');

describeWith(['botocore', 'moto'], 'the sizes of instances', () => {
  test('are those of EC2\'s own description', () => {
    const { status, stdout, stderr } = spawnSync('python3', [GENERATOR, '--print'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // A later botocore may know more types.
    expect(JSON.parse(stdout)).toMatchObject(SIZES);
  });
});
