"""Logistic regression: one-hot hour and weekday, distance, and smoothed log-odds of lateness per airport.

Fitted by Newton's method with a small ridge penalty; exact, deterministic, a handful of passes over the data.
"""
import json
from dataclasses import asdict, dataclass
from math import exp, log
from operator import mul

from .errors import ProjectError

FILE = 'model.json'
FORMAT = 1
MILES = 1000.0  # distances are counted in thousands of miles, to be of the size of the other features


@dataclass
class Model:
    hours: dict
    weekdays: dict
    numeric: list  # weights of distance, origin and destination
    origins: dict  # log-odds of lateness beyond the average's
    destinations: dict
    base_rate: float

    def scores(self, flights):
        """The probability that each flight is late. What training never saw counts as average."""
        hours, weekdays, origins, destinations = self.hours, self.weekdays, self.origins, self.destinations
        by_distance, by_origin, by_destination = self.numeric
        by_distance /= MILES
        return [
            _sigmoid(hours.get(hour, 0.0) + weekdays.get(weekday, 0.0) + by_distance * distance
                     + by_origin * origins.get(origin, 0.0) + by_destination * destinations.get(destination, 0.0))
            for hour, weekday, distance, origin, destination
            in zip(flights.hour, flights.weekday, flights.distance, flights.origin, flights.destination)
        ]

    def save(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps({'format': FORMAT, **asdict(self)}, sort_keys=True), encoding='utf-8')

    @staticmethod
    def load(folder):
        path = folder / FILE
        if not path.is_file():
            raise ProjectError(f'no {FILE} in {folder}: it is what `train` leaves in the model artifact')
        fields = json.loads(path.read_text(encoding='utf-8'))
        if fields.pop('format', None) != FORMAT:
            raise ProjectError(f'{path} is not of format {FORMAT}; train the model again with this version of the project')
        return Model(**fields)


class Trainer:
    """Newton's method, one step at a time, so that a stopped job can go on from its last step."""

    def __init__(self, flights, smoothing, ridge):
        self.ridge = ridge
        self.rows = len(flights)
        late = flights.late
        total = sum(late)
        if total == 0 or total == self.rows:
            raise ProjectError(f'all {self.rows} flights are {"late" if total else "on time"}; a model needs both kinds')
        self.base_rate = total / self.rows
        self.origins = _log_odds(flights.origin, late, self.base_rate, smoothing)
        self.destinations = _log_odds(flights.destination, late, self.base_rate, smoothing)
        self.hours = sorted(set(flights.hour))
        self.weekdays = sorted(set(flights.weekday))
        self.cells = self._group(flights)
        start = _logit(self.base_rate)
        self.weights = [start] * len(self.hours) + [0.0] * len(self.weekdays) + [0.0, 1.0, 1.0]

    def _group(self, flights):
        """Flights of one hour and weekday share their one-hot part, so sums over a cell replace sums over rows."""
        hour_of = {hour: index for index, hour in enumerate(self.hours)}
        weekday_of = {weekday: len(self.hours) + index for index, weekday in enumerate(self.weekdays)}
        cells = {}
        for hour, weekday, distance, origin, destination, label in zip(
                flights.hour, flights.weekday, flights.distance, flights.origin, flights.destination, flights.late):
            key = (hour_of[hour], weekday_of[weekday])
            cell = cells.get(key)
            if cell is None:
                cell = cells[key] = ([], [], [], [])
            cell[0].append(distance / MILES)
            cell[1].append(self.origins[origin])
            cell[2].append(self.destinations[destination])
            cell[3].append(label)
        return dict(sorted(cells.items()))

    def step(self):
        """One Newton step. Returns the largest change of a weight."""
        size = len(self.weights)
        first = size - 3
        numeric = self.weights[first:]
        gradient = [-self.ridge * weight for weight in self.weights]
        hessian = [[0.0] * size for _ in range(size)]
        for index in range(size):
            hessian[index][index] = self.ridge
        for (hour, weekday), (*columns, late) in self.cells.items():
            offset = self.weights[hour] + self.weights[weekday]
            chances = [_sigmoid(offset + numeric[0] * a + numeric[1] * b + numeric[2] * c) for a, b, c in zip(*columns)]
            residuals = [label - chance for label, chance in zip(late, chances)]
            curvature = [chance * (1.0 - chance) for chance in chances]
            mass, pull = sum(curvature), sum(residuals)
            for index in (hour, weekday):
                gradient[index] += pull
                hessian[index][index] += mass
            hessian[hour][weekday] += mass
            for place, column in enumerate(columns):
                row = first + place
                weighted = list(map(mul, curvature, column))
                gradient[row] += sum(map(mul, residuals, column))
                total = sum(weighted)
                hessian[hour][row] += total
                hessian[weekday][row] += total
                for other in range(place, 3):
                    hessian[row][first + other] += sum(map(mul, weighted, columns[other]))
        change = _solve(hessian, gradient)
        self.weights = [weight + delta for weight, delta in zip(self.weights, change)]
        return max(map(abs, change))

    def model(self):
        hours, weekdays = len(self.hours), len(self.weekdays)
        return Model(
            hours=dict(zip(self.hours, self.weights)),
            weekdays=dict(zip(self.weekdays, self.weights[hours:hours + weekdays])),
            numeric=self.weights[-3:],
            origins=self.origins,
            destinations=self.destinations,
            base_rate=self.base_rate,
        )


def _sigmoid(score):
    return 1.0 / (1.0 + exp(-score)) if score > -700.0 else 0.0


def _logit(chance):
    return log(chance / (1.0 - chance))


def _log_odds(airports, late, base_rate, smoothing):
    """Log-odds per airport against the average, as if each had `smoothing` average flights more."""
    counts, lates = {}, {}
    for airport, label in zip(airports, late):
        counts[airport] = counts.get(airport, 0) + 1
        lates[airport] = lates.get(airport, 0) + label
    average = _logit(base_rate)
    return {
        airport: _logit((lates[airport] + smoothing * base_rate) / (count + smoothing)) - average
        for airport, count in sorted(counts.items())
    }


def _solve(upper, right):
    """Solves a symmetric positive definite system given by its upper triangle, by Cholesky's factorisation."""
    size = len(right)
    factor = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            value = upper[column][row] - sum(map(mul, factor[row][:column], factor[column][:column]))
            factor[row][column] = value ** 0.5 if row == column else value / factor[column][column]
    forward = [0.0] * size
    for row in range(size):
        forward[row] = (right[row] - sum(map(mul, factor[row][:row], forward[:row]))) / factor[row][row]
    result = [0.0] * size
    for row in reversed(range(size)):
        tail = sum(factor[later][row] * result[later] for later in range(row + 1, size))
        result[row] = (forward[row] - tail) / factor[row][row]
    return result
