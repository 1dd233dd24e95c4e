import threading
from http.client import HTTPConnection
from time import perf_counter

from flight_delay.model import Model
from flight_delay.serve import make_server

from .support import ProjectTest, csv_of, some_flights


class ServeTest(ProjectTest):
    def setUp(self):
        super().setUp()
        self.put('input/data/train/flights.csv', csv_of(some_flights(500)))
        self.assertEqual(self.run_program('train')[0], 0)
        server = make_server(Model.load(self.root / 'model'), '127.0.0.1', 0)
        threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01}).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.connection = HTTPConnection('127.0.0.1', server.server_port)
        self.addCleanup(self.connection.close)

    def request(self, method, path, body=None, kind='text/csv'):
        self.connection.request(method, path, body, {'Content-Type': kind})
        response = self.connection.getresponse()
        return response.status, response.read().decode()

    def test_answers_ping(self):
        self.assertEqual(self.request('GET', '/ping')[0], 200)

    def test_answers_each_row_with_a_probability(self):
        status, body = self.request('POST', '/invocations', '12,3,500,AAA,BBB\r\n12,3,500,NEW,BBB\n')
        self.assertEqual(status, 200)
        self.assertEqual([0 < float(line) < 1 for line in body.splitlines()], [True, True])

    def test_refuses_what_it_cannot_read(self):
        for body, kind, status in (
                ('1,2', 'text/csv', 400), ('', 'text/csv', 400), ('1,1,far,A,B', 'text/csv', 400),
                (b'\xff', 'text/csv', 400), ('{}', 'application/json', 415)):
            with self.subTest(body=body, kind=kind):
                self.assertEqual(self.request('POST', '/invocations', body, kind)[0], status)
        self.assertEqual(self.request('POST', '/elsewhere', '1')[0], 404)

    def test_is_not_held_up_between_requests(self):
        start = perf_counter()
        for _ in range(100):
            self.request('POST', '/invocations', '12,3,500,AAA,BBB\n')
        # An unbuffered answer costs 40 ms each.
        self.assertLess(perf_counter() - start, 2)
