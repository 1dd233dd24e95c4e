import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const PROJECT = path.resolve(__dirname, '../../examples/flight-delay');

/** What the project's own code makes of training rows and of requests, as SageMaker would run it. */
export interface Trained {
  readonly artifact: Uint8Array;
  /** The model's answers to each file of requests. */
  readonly answers: readonly Uint8Array[];
}

/** What `serve` answers, without a server. */
const ANSWER = `
import sys
from flight_delay import paths
from flight_delay.flights import read_request
from flight_delay.model import Model
for score in Model.load(paths.model()).scores(read_request(sys.stdin.read())):
    print(f'{score:.6f}')
`;

export function trainAndAnswer(train: Uint8Array, requests: readonly Uint8Array[]): Trained {
  const root = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-ml-'));
  const folder = (...parts: string[]) => {
    const made = path.join(root, ...parts);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const options = { cwd: PROJECT, env: { ...process.env, SM_ML_ROOT: root, PYTHONDONTWRITEBYTECODE: '1' } };
  try {
    const model = folder('model');
    writeFileSync(path.join(folder('input', 'data', 'train'), 'part-00000.csv'), train);
    folder('checkpoints');
    execFileSync('python3', ['-m', 'flight_delay', 'train'], { ...options, stdio: ['ignore', 'ignore', 'inherit'] });
    const archive = path.join(root, 'model.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', model, ...readdirSync(model)]);
    return { artifact: readFileSync(archive), answers: requests.map((input) => execFileSync('python3', ['-c', ANSWER], { ...options, input })) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
