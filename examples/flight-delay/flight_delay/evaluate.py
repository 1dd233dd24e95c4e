"""`evaluate`, optional: model artifact and labelled training rows in; evaluation.json with metrics of the project's own out."""
import json
import tarfile
import tempfile
from pathlib import Path

from . import paths
from .errors import ProjectError
from .flights import read_folder
from .metrics import auc, log_loss
from .model import Model


def main():
    model = _model(paths.processing('model'))
    flights = read_folder(paths.processing('test'))
    if not 0 < sum(flights.late) < len(flights):
        raise ProjectError(f'all {len(flights)} flights have the same label; ranking needs both kinds')
    scores = model.scores(flights)
    metrics = {
        'train_auc': auc(scores, flights.late),
        # How much better than always answering the share of late flights.
        'train_log_loss_gain': log_loss([model.base_rate] * len(flights), flights.late) - log_loss(scores, flights.late),
    }
    report = {'metrics': {name: {'value': value} for name, value in metrics.items()}, 'rows': len(flights)}
    folder = paths.processing('evaluation')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'evaluation.json').write_text(json.dumps(report, indent=1, allow_nan=False), encoding='utf-8')
    for name, value in metrics.items():
        print(f'{name}={value:.5f}')


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
