import json
import tarfile
from itertools import product
from random import Random

from flight_delay.metrics import auc

from .support import ProjectTest, csv_of, some_flights


class EvaluateTest(ProjectTest):
    def prepare(self):
        self.put('input/data/train/flights.csv', csv_of(some_flights(3000)))
        self.assertEqual(self.run_program('train')[0], 0)
        (self.root / 'processing' / 'model').mkdir(parents=True)
        with tarfile.open(self.root / 'processing' / 'model' / 'model.tar.gz', 'w:gz') as archive:
            archive.add(self.root / 'model' / 'model.json', 'model.json')
        self.put('processing/test/flights.csv', csv_of(some_flights(1000, seed=2)))

    def test_writes_metrics_of_its_own(self):
        self.prepare()
        code, output = self.run_program('evaluate')
        self.assertEqual(code, 0, output)
        report = json.loads((self.root / 'processing' / 'evaluation' / 'evaluation.json').read_text())
        self.assertEqual(report['rows'], 1000)
        self.assertGreater(report['metrics']['train_auc']['value'], 0.7)
        self.assertGreater(report['metrics']['train_log_loss_gain']['value'], 0)

    def test_rows_of_one_class_are_refused(self):
        self.prepare()
        self.put('processing/test/flights.csv', csv_of(['0,1,1,100,AAA,BBB']))
        self.assertEqual(self.run_program('evaluate')[0], 1)
        self.assertIn('the same label', self.failure())

    def test_a_foreign_artifact_is_refused(self):
        self.prepare()
        with tarfile.open(self.root / 'processing' / 'model' / 'model.tar.gz', 'w:gz'):
            pass
        self.assertEqual(self.run_program('evaluate')[0], 1)
        self.assertIn('holds no model.json', self.failure())

    def test_auc_is_the_share_of_pairs_ranked_right(self):
        random = Random(3)
        labels = [random.randrange(2) for _ in range(60)]
        scores = [random.randrange(8) / 8 for _ in labels]
        pairs = [(late > on_time) + (late == on_time) / 2
                 for (late, a), (on_time, b) in product(zip(scores, labels), repeat=2) if a and not b]
        self.assertAlmostEqual(auc(scores, labels), sum(pairs) / len(pairs), places=12)
