import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const PROJECT = path.resolve(__dirname, '../../examples/flight-delay');

/** What the project's own commands make of training rows and a hold-out, as SageMaker would run them. */
export interface Trained {
  readonly artifact: Uint8Array;
  readonly evaluation: Uint8Array;
  readonly reference: Uint8Array;
}

export function trainAndEvaluate(train: Uint8Array, holdout: Uint8Array): Trained {
  const root = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-ml-'));
  const folder = (...parts: string[]) => {
    const made = path.join(root, ...parts);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const command = (name: string) => {
    execFileSync('python3', ['-m', 'flight_delay', name], { cwd: PROJECT, env: { ...process.env, SM_ML_ROOT: root, PYTHONDONTWRITEBYTECODE: '1' }, stdio: ['ignore', 'ignore', 'inherit'] });
  };
  try {
    const model = folder('model');
    for (const each of [folder('input', 'data', 'train'), folder('processing', 'reference')]) writeFileSync(path.join(each, 'part-00000.csv'), train);
    folder('checkpoints');
    command('train');
    const archive = path.join(folder('processing', 'model'), 'model.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', model, ...readdirSync(model)]);
    writeFileSync(path.join(folder('processing', 'test'), 'part-00000.csv'), holdout);
    command('evaluate');
    const made = folder('processing', 'evaluation');
    return {
      artifact: readFileSync(archive), evaluation: readFileSync(path.join(made, 'evaluation.json')), reference: readFileSync(path.join(made, 'reference.csv')),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
