"""What `train` prints of the training rows, and `evaluate` writes: the hold-out is measured by the platform, by what `serve` answers."""
from math import log

TINY = 1e-15


def auc(scores, labels):
    """The chance that a late flight is ranked above one on time; ties count half. With one class only it is 0.5."""
    counts = {}
    for score, label in zip(scores, labels):
        pair = counts.setdefault(score, [0, 0])
        pair[label] += 1
    below = above = late_total = 0
    for _, (on_time, late) in sorted(counts.items()):
        above += late * (2 * below + on_time)
        below += on_time
        late_total += late
    return above / (2 * below * late_total) if below and late_total else 0.5


def log_loss(scores, labels):
    return sum(-log(max(score if label else 1.0 - score, TINY)) for score, label in zip(scores, labels)) / len(scores)
