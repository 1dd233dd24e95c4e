"""Holds calls against botocore's own models: the request as it was made, and each response as it went over the wire.

Reads one call a line from stdin; at the end of it, writes one JSON object: how many were compared, and every problem found.
"""
import base64
import collections
import datetime
import json
import sys

import botocore.parsers
import botocore.session
from constraints import Unjudged, verdict

EXAMPLES = 3


def value_of(holder):
    """Times and bytes, which JSON does not have."""
    if '$time' in holder:
        return datetime.datetime.fromisoformat(holder['$time'].replace('Z', '+00:00'))
    return base64.b64decode(holder['$bytes']) if '$bytes' in holder else holder


class Judge:
    def __init__(self):
        self.session = botocore.session.get_session()
        self.models, self.parsers = {}, {}
        self.counts, self.problems = collections.Counter(), collections.defaultdict(list)

    def operation(self, service, name):
        if service not in self.models:
            self.models[service] = self.session.get_service_model(service)
        return self.models[service].operation_model(name)

    def parser(self, protocol):
        if protocol not in self.parsers:
            self.parsers[protocol] = botocore.parsers.create_parser(protocol)
        return self.parsers[protocol]

    def call(self, call):
        operation = self.operation(call['service'], call['operation'])
        name = f'{call["service"]} {call["operation"]}'
        if 'input' in call and operation.input_shape is not None:
            self.compare(f'request of {name}', operation.input_shape, call['input'])
        for wire in call['responses']:
            self.response(f'response of {name} in {wire["protocol"]}', operation, wire)

    def response(self, what, operation, wire):
        shape, failed = operation.output_shape, wire['status'] >= 300
        streaming = operation.has_streaming_output and not failed
        raw = {'status_code': wire['status'], 'headers': botocore.awsrequest.HeadersDict(wire['headers']), 'body': b'' if streaming else wire['body']}
        try:
            parsed = self.parser(wire['protocol']).parse(raw, shape)
        except Exception as error:  # what an SDK cannot read is a finding
            return self.found(f'{what}: botocore cannot read it', str(error))
        parsed.pop('ResponseMetadata', None)
        if failed:
            self.counts['errors'] += 1
            # An answer to HEAD has no body, and a status is all that can be told of it.
            if not (parsed.get('Error') or {}).get('Code'):
                self.found(f'{what}: an error without a code', json.dumps(parsed, default=str))
            return None
        if shape is None:
            return None
        # botocore reads the region of a bucket in a handler of its own, not by the model.
        if operation.name == 'GetBucketLocation':
            return None
        return self.compare(what, shape, parsed)

    def compare(self, what, shape, value):
        kind = what.split()[0]
        self.counts[f'{kind}s'] += 1
        try:
            problem = verdict(shape, value)
        except Unjudged as pattern:
            self.counts['unjudged'] += 1
            return
        if problem:
            self.found(f'{what}: {problem}', json.dumps(value, default=str)[:600])

    def found(self, problem, example):
        self.problems[problem].append(example)


def main():
    judge = Judge()
    for line in sys.stdin:
        judge.call(json.loads(line, object_hook=value_of))
    problems = [{'problem': problem, 'count': len(examples), 'examples': examples[:EXAMPLES]} for problem, examples in judge.problems.items()]
    print(json.dumps({'counts': judge.counts, 'problems': problems}))


main()
