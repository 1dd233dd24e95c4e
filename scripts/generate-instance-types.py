#!/usr/bin/env python3
"""Writes twin/services/sagemaker/instance-types.json: processors, memory and GPUs of every instance type that an endpoint can have.

The names are SageMaker's, from botocore; the figures are EC2's own answer to DescribeInstanceTypes, as moto ships it. Run by
developers when SageMaker has new types (`pip install botocore moto`, then `python3 scripts/generate-instance-types.py`); the output
is committed, one line per type. With `--print` it is only printed.
"""
import gzip
import json
import pathlib
import sys

import botocore.loaders
import moto

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = ROOT / 'twin' / 'services' / 'sagemaker' / 'instance-types.json'

# EC2 no longer describes P2 and P3, and not yet a part of an UltraServer: their pages at aws.amazon.com/ec2/instance-types.
ELSEWHERE = {
    'p2.xlarge': (4, 61, 1), 'p2.8xlarge': (32, 488, 8), 'p2.16xlarge': (64, 732, 16),
    'p3.2xlarge': (8, 61, 1), 'p3.8xlarge': (32, 244, 4), 'p3.16xlarge': (64, 488, 8),
    'p6e-gb200.36xlarge': (144, 960, 4),
}


def size_of(name, described):
    if name in ELSEWHERE:
        vcpus, gibibytes, gpus = ELSEWHERE[name]
        return {'vcpus': vcpus, 'memory': gibibytes * 1024, 'gpus': gpus}
    found = described[name]
    return {
        'vcpus': found['VCpuInfo']['DefaultVCpus'], 'memory': found['MemoryInfo']['SizeInMiB'],
        'gpus': sum(gpu['Count'] for gpu in found.get('GpuInfo', {}).get('Gpus', [])),
    }


def main():
    resource = pathlib.Path(moto.__file__).parent / 'ec2' / 'resources' / 'instance_types.json.gz'
    described = json.loads(gzip.decompress(resource.read_bytes()))
    shapes = botocore.loaders.Loader().load_service_model('sagemaker', 'service-2')['shapes']
    types = sorted(shapes['ProductionVariantInstanceType']['enum'])
    lines = [f'  {json.dumps(name)}: {json.dumps(size_of(name[3:], described))}' for name in types]
    text = '{\n' + ',\n'.join(lines) + '\n}\n'
    if '--print' in sys.argv:
        sys.stdout.write(text)
        return
    OUTPUT.write_text(text)
    print(f'{OUTPUT.relative_to(ROOT)}: {len(types)} types')


if __name__ == '__main__':
    main()
