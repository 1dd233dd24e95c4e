"""Runs moto on a free port of this machine and prints where, and which CloudFormation types it makes; ends with its standard input."""
import contextlib
import io
import json
import logging
import os
import sys

os.environ['MOTO_ACCOUNT_ID'] = '123456789012'

from moto.cloudformation.parsing import get_model_map  # noqa: E402 (moto reads its account when it is imported)
from moto.server import ThreadedMotoServer  # noqa: E402

logging.getLogger('werkzeug').setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)
with contextlib.redirect_stdout(io.StringIO()):
    server.start()
_, port = server.get_host_and_port()
print(json.dumps({'endpoint': f'http://localhost:{port}', 'types': sorted(get_model_map())}), flush=True)
sys.stdin.read()
server.stop()
