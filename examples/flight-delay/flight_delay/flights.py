"""Reading flights: CSV with a header for training and evaluation, CSV without one in requests."""
import csv
import os
from array import array
from dataclasses import dataclass, field

from .errors import ProjectError

# The platform says by which column the data is labelled.
LABEL = os.environ.get('LABEL_COLUMN', 'late')
FEATURES = ('hour', 'weekday', 'distance', 'origin', 'destination')


@dataclass
class Flights:
    """Columns of equal length. `late` stays empty where there is no label."""
    hour: list = field(default_factory=list)
    weekday: list = field(default_factory=list)
    distance: array = field(default_factory=lambda: array('d'))
    origin: list = field(default_factory=list)
    destination: list = field(default_factory=list)
    late: array = field(default_factory=lambda: array('b'))

    def __len__(self):
        return len(self.distance)


def read_folder(folder):
    """All flights of the folder's CSV files, in the order of their names."""
    files = sorted(path for path in folder.rglob('*') if path.is_file()) if folder.is_dir() else []
    if not files:
        raise ProjectError(f'no data in {folder}: put at least one CSV file with the header {header()} there')
    flights = Flights()
    for path in files:
        try:
            with open(path, encoding='utf-8', newline='') as lines:
                _read_labelled(lines, path.relative_to(folder), flights)
        except UnicodeDecodeError as error:
            raise ProjectError(f'{path.relative_to(folder)}: byte {error.start} is not UTF-8; save the file as UTF-8') from error
    if not len(flights):
        raise ProjectError(f'{len(files)} file(s) in {folder}, but not one row below the header; at least one is needed')
    return flights


def read_request(text):
    """Flights of a request: one line each, the features in the order of FEATURES, no header."""
    flights = Flights()
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        if not row:
            continue
        if len(row) != len(FEATURES):
            raise ProjectError(f'line {number} has {len(row)} values, {len(FEATURES)} are expected: {",".join(FEATURES)}')
        _append(flights, row, f'line {number}')
    if not len(flights):
        raise ProjectError(f'the request has no rows; send one line per flight: {",".join(FEATURES)}')
    return flights


def header():
    return ','.join((LABEL, *FEATURES))


def _read_labelled(lines, name, flights):
    reader = csv.reader(lines)
    names = next(reader, None)
    if names is None:
        raise ProjectError(f'{name} is empty; the first line is to be the header {header()}')
    missing = [column for column in (LABEL, *FEATURES) if column not in names]
    if missing:
        raise ProjectError(f'{name} has no column {", ".join(missing)}; the first line is to be a header with {header()}')
    label, *order = [names.index(column) for column in (LABEL, *FEATURES)]
    width = len(names)
    late = {'0': 0, '1': 1}
    for row in reader:
        if len(row) != width:
            raise ProjectError(f'{name} line {reader.line_num} has {len(row)} values, the header has {width}')
        if row[label] not in late:
            raise ProjectError(f'{name} line {reader.line_num}: the label {LABEL} is neither 0 nor 1')
        _append(flights, [row[column] for column in order], f'{name} line {reader.line_num}')
        flights.late.append(late[row[label]])


def _append(flights, row, place):
    # Messages name the place, never the value: rows may be personal data.
    try:
        distance = float(row[2])
    except ValueError:
        distance = float('nan')
    if not 0 <= distance < 1e5:
        raise ProjectError(f'{place}: distance is not a number of miles')
    flights.hour.append(row[0])
    flights.weekday.append(row[1])
    flights.distance.append(distance)
    flights.origin.append(row[3])
    flights.destination.append(row[4])
