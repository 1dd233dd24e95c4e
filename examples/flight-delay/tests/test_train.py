import json

from flight_delay.flights import read_request
from flight_delay.model import Model

from .support import ProjectTest, csv_of, some_flights


class TrainTest(ProjectTest):
    def train(self):
        code, output = self.run_program('train')
        self.assertEqual(code, 0, output)
        return (self.root / 'model' / 'model.json').read_bytes()

    def test_finds_what_makes_flights_late(self):
        self.put('input/data/train/flights.csv', csv_of(some_flights(8000)))
        self.train()
        scores = Model.load(self.root / 'model').scores(read_request('12,3,500,AAA,BBB\n12,3,500,CCC,BBB\n22,3,500,CCC,BBB\n'))
        self.assertLess(scores[0], scores[1])
        self.assertLess(scores[1], scores[2])
        # The truth of the second row: 1 / (1 + exp(1.5 - 0.9)) = 0.354
        self.assertAlmostEqual(scores[1], 0.354, delta=0.05)

    def test_is_deterministic_whatever_the_split_into_files(self):
        rows = list(some_flights(500))
        self.put('input/data/train/flights.csv', csv_of(rows))
        whole = self.train()
        self.put('input/data/train/flights.csv', csv_of(rows[:200]))
        self.put('input/data/train/later/flights.csv', csv_of(rows[200:]))
        self.assertEqual(self.train(), whole)

    def test_goes_on_from_a_checkpoint_of_the_same_data_only(self):
        self.put('input/data/train/flights.csv', csv_of(some_flights(500)))
        expected = self.train()
        (self.root / 'checkpoints').mkdir()
        self.train()
        state = json.loads((self.root / 'checkpoints' / 'weights.json').read_text())
        state['weights'] = [weight + 1 for weight in state['weights']]
        state['iteration'] = 8
        self.put('checkpoints/weights.json', json.dumps(state))
        self.assertNotEqual(self.train(), expected)
        self.put('checkpoints/weights.json', json.dumps({**state, 'fingerprint': 'of other data'}))
        self.assertEqual(self.train(), expected)

    def test_other_columns_and_another_order_do_no_harm(self):
        self.put('input/data/train/flights.csv', csv_of(some_flights(300)))
        expected = self.train()
        swapped = [','.join(['note', *row.split(',')[::-1]]) for row in some_flights(300)]
        self.put('input/data/train/flights.csv', 'note,destination,origin,distance,weekday,hour,late\n' + '\n'.join(swapped))
        self.assertEqual(self.train(), expected)

    def assert_fails(self, *fragments):
        code, _ = self.run_program('train')
        self.assertEqual(code, 1)
        for fragment in fragments:
            self.assertIn(fragment, self.failure())
        self.assertFalse((self.root / 'model' / 'model.json').exists())

    def test_bad_data_is_refused_with_its_place_and_without_its_content(self):
        good = '0,1,1,100,AAA,BBB'
        cases = {
            'ragged row': (csv_of([good, '1,2,3']), ('flights.csv line 3 has 3 values', 'the header has 6')),
            'no header': ('\n'.join([good, good]), ('no column late',)),
            'no label': ('hour,weekday,distance,origin,destination\n1,1,100,A,B', ('no column late',)),
            'label': (csv_of(['2,1,1,100,SECRET,BBB']), ('line 2: the label late is neither 0 nor 1',)),
            'distance': (csv_of(['1,1,1,SECRET,AAA,BBB']), ('line 2: distance is not a number of miles',)),
            'not UTF-8': (csv_of([good]).encode() + b'0,1,1,100,\xff,B\n', ('is not UTF-8',)),
            'empty': ('', ('is empty',)),
            'no rows': (csv_of([]), ('not one row below the header',)),
            'one class': (csv_of([good, good]), ('all 2 flights are on time',)),
        }
        for name, (content, fragments) in cases.items():
            with self.subTest(name):
                self.put('input/data/train/flights.csv', content)
                self.assert_fails(*fragments)
                self.assertNotIn('SECRET', self.failure())

    def test_no_data_at_all_is_refused(self):
        self.assert_fails('no data in')

    def test_hyperparameters_are_checked(self):
        self.put('input/data/train/flights.csv', csv_of(some_flights(100)))
        self.put('input/config/hyperparameters.json', '{"smooth": "1"}')
        self.assert_fails('unknown hyperparameter smooth', 'known are smoothing, ridge, iterations')
        self.put('input/config/hyperparameters.json', '{"ridge": "-1"}')
        self.assert_fails('hyperparameter ridge is -1')
