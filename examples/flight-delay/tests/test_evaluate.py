import json
import tarfile
from itertools import product
from random import Random

from flight_delay.metrics import auc, evaluate

from .support import ProjectTest, csv_of, some_flights


class EvaluateTest(ProjectTest):
    def prepare(self):
        self.put('input/data/train/flights.csv', csv_of(some_flights(3000)))
        self.assertEqual(self.run_program('train')[0], 0)
        (self.root / 'processing' / 'model').mkdir(parents=True)
        with tarfile.open(self.root / 'processing' / 'model' / 'model.tar.gz', 'w:gz') as archive:
            archive.add(self.root / 'model' / 'model.json', 'model.json')
        self.put('processing/test/flights.csv', csv_of(some_flights(1000, seed=2)))

    def test_writes_metrics_with_their_spread(self):
        self.prepare()
        code, output = self.run_program('evaluate')
        self.assertEqual(code, 0, output)
        report = json.loads((self.root / 'processing' / 'evaluation' / 'evaluation.json').read_text())
        metrics = report['metrics']
        self.assertEqual(report['rows'], 1000)
        self.assertGreater(metrics['auc']['value'], 0.7)
        self.assertLess(metrics['log_loss']['value'], metrics['base_rate_log_loss']['value'])
        for metric in metrics.values():
            self.assertEqual(len(metric['replicates']), 200)
            self.assertLess(abs(sum(metric['replicates']) / 200 - metric['value']), metric['standard_deviation'])

    def test_writes_each_prediction_beside_its_label(self):
        self.prepare()
        self.assertEqual(self.run_program('evaluate')[0], 0)
        lines = (self.root / 'processing' / 'evaluation' / 'predictions.csv').read_text().splitlines()
        rows = [line.split(',') for line in lines[1:]]
        self.assertEqual(lines[0], 'label,score')
        self.assertEqual([label for label, _ in rows], [row.split(',')[0] for row in some_flights(1000, seed=2)])
        report = json.loads((self.root / 'processing' / 'evaluation' / 'evaluation.json').read_text())
        ranked = auc([float(score) for _, score in rows], [int(label) for label, _ in rows])
        self.assertAlmostEqual(ranked, report['metrics']['auc']['value'], places=4)

    def test_tells_its_answers_on_reference_rows_with_their_times(self):
        self.prepare()
        self.assertEqual(self.run_program('evaluate')[0], 0)
        self.assertFalse((self.root / 'processing' / 'evaluation' / 'reference.csv').exists())
        rows = [f'2001-01-0{1 + index % 9},{row}' for index, row in enumerate(some_flights(50, seed=3))]
        self.put('processing/reference/flights.csv', '\n'.join(['departure,late,hour,weekday,distance,origin,destination', *rows, '']))
        self.assertEqual(self.run_program('evaluate')[0], 0)
        lines = (self.root / 'processing' / 'evaluation' / 'reference.csv').read_text().splitlines()
        self.assertEqual(lines[0], 'time,score')
        self.assertEqual([line.split(',')[0] for line in lines[1:]], [row.split(',')[0] for row in rows])

    def test_reference_rows_without_times_are_refused(self):
        self.prepare()
        self.put('processing/reference/flights.csv', csv_of(some_flights(50, seed=3)))
        self.assertEqual(self.run_program('evaluate')[0], 1)
        self.assertIn('no column departure', self.failure())

    def test_a_hold_out_of_one_class_is_refused(self):
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

    def test_two_models_share_their_samples(self):
        random = Random(4)
        labels = [random.randrange(2) for _ in range(400)]
        weak = [0.3 * label + random.random() for label in labels]
        slightly_better = [score + 0.02 * label for score, label in zip(weak, labels)]
        top = max(slightly_better) + 0.01
        first, second = (evaluate([s / top for s in scores], labels, 0.5)['auc'] for scores in (weak, slightly_better))
        # Better in every single sample, although the difference is far below the spread of either.
        self.assertTrue(all(b > a for a, b in zip(first['replicates'], second['replicates'])))
        self.assertLess(second['value'] - first['value'], first['standard_deviation'])
