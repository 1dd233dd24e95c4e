"""Where SageMaker puts things. `SM_ML_ROOT` moves the whole of /opt/ml elsewhere, so that the project also runs without Docker."""
import os
from pathlib import Path

DEFAULT_ROOT = '/opt/ml'


def root():
    return Path(os.environ.get('SM_ML_ROOT', DEFAULT_ROOT))


def hyperparameters():
    return root() / 'input' / 'config' / 'hyperparameters.json'


def channel(name):
    return root() / 'input' / 'data' / name


def model():
    return root() / 'model'


def checkpoints():
    return root() / 'checkpoints'


def processing(name):
    return root() / 'processing' / name


def report_failure(reason):
    """Of a training job SageMaker shows `failure` as the reason, of a processing job `message`; 1,024 characters of either."""
    if root().is_dir():
        folder = root() / 'output'
        folder.mkdir(exist_ok=True)
        for name in ('failure', 'message'):
            (folder / name).write_text(reason, encoding='utf-8')
