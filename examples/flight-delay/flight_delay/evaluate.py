"""`evaluate`: model artifact and labelled hold-out in; evaluation.json and predictions.csv out. With reference rows, reference.csv too."""
import hashlib
import json
import tarfile
import tempfile
from pathlib import Path

from . import paths
from .errors import ProjectError
from .flights import TIME, read_folder
from .metrics import REPLICATES, SEED, evaluate
from .model import Model


def main():
    model = _model(paths.processing('model'))
    flights = read_folder(paths.processing('test'))
    if not 0 < sum(flights.late) < len(flights):
        raise ProjectError(f'all {len(flights)} flights of the hold-out have the same label; ranking needs both kinds')
    scores = model.scores(flights)
    report = {
        'metrics': evaluate(scores, flights.late, model.base_rate),
        'rows': len(flights),
        'bootstrap': {'replicates': REPLICATES, 'seed': SEED, 'labels': hashlib.sha256(flights.late.tobytes()).hexdigest()},
    }
    folder = paths.processing('evaluation')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'evaluation.json').write_text(json.dumps(report, indent=1, allow_nan=False), encoding='utf-8')
    predictions = (f'{label},{score:.6f}\n' for label, score in zip(flights.late, scores))
    (folder / 'predictions.csv').write_text('label,score\n' + ''.join(predictions), encoding='utf-8')
    reference = paths.processing('reference')
    if reference.is_dir():
        _write_reference(model, reference, folder / 'reference.csv')
    for name, metric in report['metrics'].items():
        print(f'{name}={metric["value"]:.5f} standard_deviation={metric["standard_deviation"]:.5f}')


def _write_reference(model, rows, path):
    """What the model answers on ordinary days, with their times: what its answers in production are compared with."""
    flights = read_folder(rows)
    if len(flights.time) != len(flights):
        raise ProjectError(f'the reference rows have no column {TIME}; without times the ordinary rhythm cannot be told')
    answers = (f'{time},{score:.6f}\n' for time, score in zip(flights.time, model.scores(flights)))
    path.write_text('time,score\n' + ''.join(answers), encoding='utf-8')


def _model(folder):
    archive = folder / 'model.tar.gz'
    if not archive.is_file():
        return Model.load(folder)
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(archive) as files:
        try:
            # One known file, by name: nothing an archive contains can be written elsewhere.
            (Path(scratch) / 'model.json').write_bytes(files.extractfile('model.json').read())
        except KeyError:
            raise ProjectError(f'{archive} holds no model.json; it is not an artifact of this project') from None
        return Model.load(Path(scratch))
