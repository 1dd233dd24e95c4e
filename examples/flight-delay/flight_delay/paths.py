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
    """SageMaker shows the first 1,024 characters of this file as the job's failure reason."""
    folder = root() / 'output'
    if folder.is_dir() or root().is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'failure').write_text(reason, encoding='utf-8')
