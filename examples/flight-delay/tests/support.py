"""A scratch /opt/ml, and flights in which the truth is known."""
import contextlib
import io
import os
import tempfile
from math import exp
from pathlib import Path
from random import Random
from unittest import TestCase, mock

from flight_delay import __main__ as program
from flight_delay.flights import header

AIRPORTS = {'AAA': -0.8, 'BBB': 0.0, 'CCC': 0.9}


def some_flights(rows, seed=1):
    """Rows in which lateness grows with the hour and depends on the origin."""
    random = Random(seed)
    for _ in range(rows):
        hour, origin = random.randrange(24), random.choice(list(AIRPORTS))
        chance = 1 / (1 + exp(1.5 - 0.1 * (hour - 12) - AIRPORTS[origin]))
        yield f'{int(random.random() < chance)},{hour},{random.randint(1, 7)},{random.randint(100, 2500)},{origin},BBB'


def csv_of(rows):
    return '\n'.join([header(), *rows, ''])


class ProjectTest(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        patch = mock.patch.dict(os.environ, {'SM_ML_ROOT': str(self.root)})
        patch.start()
        self.addCleanup(patch.stop)

    def put(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def run_program(self, command):
        """Exit code, and what was printed."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = program.main([command])
        return code, output.getvalue()

    def failure(self):
        return (self.root / 'output' / 'failure').read_text()
