"""`train`: the channel `train` in, model.json out."""
import hashlib
import json

from . import paths
from .errors import ProjectError
from .flights import read_folder
from .metrics import auc, log_loss
from .model import Trainer

DEFAULTS = {'smoothing': 50.0, 'ridge': 1.0, 'iterations': 8}
CONVERGED = 1e-6


def main():
    settings = _settings()
    flights = read_folder(paths.channel('train'))
    trainer = Trainer(flights, settings['smoothing'], settings['ridge'])
    checkpoint = _Checkpoint(paths.checkpoints(), flights, settings)
    done = checkpoint.restore(trainer)
    for iteration in range(done, int(settings['iterations'])):
        change = trainer.step()
        checkpoint.save(trainer, iteration + 1)
        if change < CONVERGED:
            break
    model = trainer.model()
    model.save(paths.model())
    scores = model.scores(flights)
    print(f'rows={len(flights)} base_rate={model.base_rate:.4f}')
    print(f'train:auc={auc(scores, flights.late):.4f} train:log_loss={log_loss(scores, flights.late):.5f}')


def _settings():
    path = paths.hyperparameters()
    given = json.loads(path.read_text(encoding='utf-8')) if path.is_file() else {}
    unknown = sorted(set(given) - set(DEFAULTS))
    if unknown:
        raise ProjectError(f'unknown hyperparameter {", ".join(unknown)}; known are {", ".join(DEFAULTS)}')
    settings = dict(DEFAULTS)
    for name, value in given.items():
        try:
            settings[name] = float(value)
        except ValueError:
            settings[name] = -1.0
        if not 0 < settings[name] < 1e6:
            raise ProjectError(f'hyperparameter {name} is {value}; it is to be a number above 0 and below 1000000')
    return settings


class _Checkpoint:
    """The weights after each step, in the folder that SageMaker keeps in step with S3 where checkpoints are configured."""

    def __init__(self, folder, flights, settings):
        self.file = folder / 'weights.json' if folder.is_dir() else None
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
        for column in (flights.hour, flights.weekday, flights.origin, flights.destination):
            digest.update('\n'.join(column).encode())
        for column in (flights.distance, flights.late):
            digest.update(column.tobytes())
        self.fingerprint = digest.hexdigest()

    def restore(self, trainer):
        """Takes up the weights left by an interrupted run on the same data and settings; returns the steps already done."""
        if self.file is None or not self.file.is_file():
            return 0
        saved = json.loads(self.file.read_text(encoding='utf-8'))
        if saved['fingerprint'] != self.fingerprint:
            return 0
        trainer.weights = saved['weights']
        return saved['iteration']

    def save(self, trainer, iteration):
        if self.file is None:
            return
        state = {'fingerprint': self.fingerprint, 'iteration': iteration, 'weights': trainer.weights}
        # A rename is atomic: an interruption while writing leaves the former checkpoint.
        part = self.file.with_suffix('.part')
        part.write_text(json.dumps(state), encoding='utf-8')
        part.replace(self.file)
