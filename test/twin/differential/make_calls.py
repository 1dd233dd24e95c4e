"""Makes the same calls against the twin, whose address and credentials it is given, and against moto, which it runs itself.

Reads {"twin": {...}, "calls": [...]} from stdin; writes what each of the two answered, one call a line.
"""
import base64
import contextlib
import datetime
import io
import json
import logging
import os
import re
import sys

os.environ['MOTO_ACCOUNT_ID'] = '123456789012'

import boto3  # noqa: E402 (moto reads its account when it is imported)
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

CONFIG = Config(
    parameter_validation=False, retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'}, region_name='us-east-1', read_timeout=20,
    request_checksum_calculation='when_required', response_checksum_validation='when_required',
)


class Side:
    """One of the two, with what its answers were saved as."""

    def __init__(self, url, credentials):
        self.url, self.credentials = url, credentials
        self.clients, self.saved = {}, {}

    def call(self, call):
        service = call['service']
        if service not in self.clients:
            self.clients[service] = boto3.client(service, endpoint_url=self.url, config=CONFIG, **self.credentials)
        try:
            answer = self.clients[service]._make_api_call(call['operation'], self.filled(call['input']))
        except ClientError as error:
            return {'code': error.response['Error'].get('Code', ''), 'message': error.response['Error'].get('Message', '')}
        except Exception as error:  # what a client cannot read is an outcome too
            return {'code': type(error).__name__, 'message': str(error)}
        answer.pop('ResponseMetadata', None)
        value = plain(answer)
        if 'save' in call:
            self.saved[call['save']] = value
        return {'value': value}

    def filled(self, value):
        """References `{name.Member.0}` replaced by what this side has answered."""
        if isinstance(value, dict):
            return {key: self.filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if not isinstance(value, str):
            return value
        return re.sub(r'\{(\w+)\.([\w.]+)\}', lambda found: str(self.at(found[1], found[2])) if found[1] in self.saved else found[0], value)

    def at(self, name, path):
        value = self.saved[name]
        for step in path.split('.'):
            value = value[int(step)] if isinstance(value, list) else value.get(step, '')
        return value


def plain(value):
    if isinstance(value, datetime.datetime):
        return 'a time'
    if hasattr(value, 'read'):
        return value.read().decode('utf-8', 'replace')
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def main():
    request = json.load(sys.stdin)
    logging.getLogger('werkzeug').setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)
    with contextlib.redirect_stdout(io.StringIO()):
        server.start()
    host, port = server.get_host_and_port()
    twin = Side(request['twin'].pop('url'), request['twin'])
    moto = Side(f'http://{host}:{port}', {'aws_access_key_id': 'a', 'aws_secret_access_key': 'b'})
    for call in request['calls']:
        print(json.dumps({'twin': twin.call(call), 'moto': moto.call(call)}))
    server.stop()


main()
