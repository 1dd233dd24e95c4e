"""
Runs moto on a free port of this machine and prints where, and which CloudFormation types it makes; ends with its standard input.
A call that moto lacks is refused as `NotInMoto`, with its name, in place of an internal error that an SDK would try again.
"""
import contextlib
import io
import json
import logging
import os
import sys

os.environ['MOTO_ACCOUNT_ID'] = '123456789012'

from moto.cloudformation.parsing import get_model_map  # noqa: E402 (moto reads its account when it is imported)
from moto.core.responses import BaseResponse  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

call_action = BaseResponse.call_action


def call_or_refuse(self):
    try:
        return call_action(self)
    except NotImplementedError:
        body = json.dumps({'__type': 'NotInMoto', 'message': f'{self.service_name}:{self._get_action()}'})
        return 400, {'Content-Type': 'application/x-amz-json-1.1'}, body


BaseResponse.call_action = call_or_refuse

logging.getLogger('werkzeug').setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)
with contextlib.redirect_stdout(io.StringIO()):
    server.start()
_, port = server.get_host_and_port()
print(json.dumps({'endpoint': f'http://localhost:{port}', 'types': sorted(get_model_map())}), flush=True)
sys.stdin.read()
server.stop()
