"""Metrics, and their spread over bootstrap samples of the rows."""
from math import log, sqrt
from random import Random

SEED = 20010201
REPLICATES = 200
TINY = 1e-15


def auc(scores, labels):
    """The chance that a late flight is ranked above one on time; ties count half."""
    return _auc_of_counts(_class_counts(_ranks(scores), labels))


def log_loss(scores, labels):
    return sum(_losses(scores, labels)) / len(scores)


def evaluate(scores, labels, base_rate):
    """Each metric's value, standard deviation and bootstrap replicates. `base_rate` is the constant answer a model has to beat.

    The samples depend on the number of rows only. Two models evaluated on the same rows in the same order therefore share
    them, and the differences of their replicates show how sure the difference of their values is.
    """
    rows = len(scores)
    ranks = _ranks(scores)
    classes = 2 * (max(ranks) + 1)
    keys = [2 * rank + label for rank, label in zip(ranks, labels)]
    losses = _losses(scores, labels)
    base_losses = _losses([base_rate] * rows, labels)
    hits = [int((score >= 0.5) == bool(label)) for score, label in zip(scores, labels)]

    def measure(sample):
        counts = [0] * classes
        for key in map(keys.__getitem__, sample):
            counts[key] += 1
        return {
            'auc': _auc_of_counts(counts),
            'log_loss': sum(map(losses.__getitem__, sample)) / rows,
            'base_rate_log_loss': sum(map(base_losses.__getitem__, sample)) / rows,
            'accuracy': sum(map(hits.__getitem__, sample)) / rows,
        }

    values = measure(range(rows))
    samples = [measure(sample) for sample in _samples(rows)]
    return {
        name: {
            'value': value,
            'standard_deviation': _standard_deviation([sample[name] for sample in samples]),
            'replicates': [round(sample[name], 9) for sample in samples],
        }
        for name, value in values.items()
    }


def _samples(rows):
    random = Random(SEED).random
    for _ in range(REPLICATES):
        yield [int(random() * rows) for _ in range(rows)]


def _ranks(scores):
    rank_of = {score: rank for rank, score in enumerate(sorted(set(scores)))}
    return [rank_of[score] for score in scores]


def _class_counts(ranks, labels):
    counts = [0] * (2 * (max(ranks) + 1))
    for rank, label in zip(ranks, labels):
        counts[2 * rank + label] += 1
    return counts


def _auc_of_counts(counts):
    """`counts` alternate per rank, lowest first: flights on time, flights late. NaN-free: with one class only it is 0.5."""
    below = above = 0
    for on_time, late in zip(counts[::2], counts[1::2]):
        above += late * (2 * below + on_time)
        below += on_time
    late_total = sum(counts[1::2])
    return above / (2 * below * late_total) if below and late_total else 0.5


def _losses(scores, labels):
    return [-log(max(score if label else 1.0 - score, TINY)) for score, label in zip(scores, labels)]


def _standard_deviation(values):
    mean = sum(values) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
