"""`serve`: GET /ping and POST /invocations (CSV in, one probability per line out)."""
import os
import signal
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import paths
from .errors import ProjectError
from .flights import read_request
from .model import Model

LIMIT = 6 * 1024 * 1024  # SageMaker's own for a real-time request


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'  # keep-alive
    # Unbuffered, head and body leave as separate small packets, and Nagle's algorithm and delayed acknowledgement make each
    # request wait 40 ms for the other. Buffered, with the one flush after each request, they leave together.
    wbufsize = -1
    disable_nagle_algorithm = True
    model = None

    def do_GET(self):
        self._answer(200 if self.path == '/ping' else 404, b'')

    def do_POST(self):
        length = int(self.headers.get('Content-Length') or 0)
        if length > LIMIT:
            self.close_connection = True
            return self._answer(413, f'the request has {length} bytes, {LIMIT} are allowed\n'.encode())
        body = self.rfile.read(length)
        if self.path != '/invocations':
            return self._answer(404, b'')
        kind = (self.headers.get('Content-Type') or 'text/csv').split(';')[0].strip()
        if kind != 'text/csv':
            return self._answer(415, f'content type {kind} is not supported; send text/csv\n'.encode())
        try:
            scores = self.model.scores(read_request(body.decode('utf-8')))
        except UnicodeDecodeError:
            return self._answer(400, b'the request is not UTF-8\n')
        except ProjectError as error:
            return self._answer(400, f'{error}\n'.encode())
        except Exception:  # a fault of ours, not of the request: the log says which, the caller only that
            traceback.print_exc()
            return self._answer(500, b'the model failed\n')
        return self._answer(200, ''.join(f'{score:.6f}\n' for score in scores).encode(), 'text/csv; charset=utf-8')

    def _answer(self, status, body, kind='text/plain; charset=utf-8'):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        """A line per request is CloudWatch's business, not the log's."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def make_server(model, host, port):
    return Server((host, port), type('ModelHandler', (Handler,), {'model': model}))


def main():
    model = Model.load(paths.model())
    port = int(os.environ.get('SAGEMAKER_BIND_TO_PORT', '8080'))
    server = make_server(model, os.environ.get('SAGEMAKER_BIND_TO_HOST', '0.0.0.0'), port)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f'listening on port {server.server_port}')
    server.serve_forever()
    server.server_close()
