"""Inputs of AWS operations, good and bad, each with a verdict of botocore's validator and of the constraints in botocore's own models.

Reads {"seed": n, "each": n, "operations": {service: [operation, ...]}} from stdin; writes one case a line.
"""
import base64
import datetime
import json
import pathlib
import random
import sys

import botocore.session

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'scripts' / 'referee'))
from constraints import Unjudged, fits, verdict  # noqa: E402 (the path comes first)

# Among these nearly every pattern of the models finds one that fits.
TEXTS = [
    'a', 'name-1', 'Name', '1', '0', 'true', '123456789012', 'a/b', '/a/b', '/', 'abcdefgh', 'a' * 16, 'a' * 40, 'a.b', 's3://bucket/key', 'https://example.com/a', 'http://example.com/',
    'us-east-1', 'ml.m5.large', 'text/csv', '11111111-2222-3333-4444-555555555555', 'sha256:' + 'a' * 64, 'arn:aws:iam::123456789012:role/a', 'arn:aws:s3:::bucket',
    'arn:aws:sagemaker:us-east-1:123456789012:model-package/a/1', 'arn:aws:sagemaker:us-east-1:123456789012:model-package-group/a',
    'arn:aws:sagemaker:us-east-1:123456789012:endpoint/a', 'arn:aws:sns:us-east-1:123456789012:a', 'arn:aws:lambda:us-east-1:123456789012:function:a',
    'arn:aws:states:us-east-1:123456789012:stateMachine:a', 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555',
    'arn:aws:codepipeline:us-east-1:123456789012:a', 'arn:aws:events:us-east-1:123456789012:rule/a', 'arn:aws:codestar-connections:us-east-1:123456789012:connection/11111111-2222-3333-4444-555555555555',
    'arn:aws:codeconnections:us-east-1:123456789012:connection/11111111-2222-3333-4444-555555555555', 'arn:aws:cloudformation:us-east-1:123456789012:stack/a/1', '{"a":1}', 'P1D', '2001-02-03T04:05:06Z',
]
# Nothing fits everywhere: control characters, quotes, what lies beyond the first plane.
ODD = ['', ' ', 'a\nb', 'a\n', '\u0000', '"', '${x}', '../..', '\u00e4', '\U0001F600', 'a' * 2048, '-a', 'a-', '*', '?', 'a b']
WRONG = {'structure': 'x', 'list': 'x', 'map': 'x', 'string': 1, 'integer': 'x', 'long': 1.5, 'float': 'x', 'double': 'x', 'boolean': 'x', 'timestamp': {}, 'blob': 7}
DEPTH = 5


class Generator:
    def __init__(self, rng):
        self.rng = rng

    def value(self, shape, depth=0):
        kind = shape.type_name
        if getattr(shape, 'is_document_type', False):
            return {'a': 1}
        if kind == 'structure':
            required = list(shape.required_members)
            optional = [name for name in shape.members if name not in required]
            if getattr(shape, 'is_tagged_union', False):
                return {name: self.value(shape.members[name], depth + 1) for name in optional[:1]}
            some = [name for name in optional if depth < DEPTH and self.rng.random() < 0.4 / (1 + depth)]
            if depth > DEPTH + 4:
                required = []
            return {name: self.value(shape.members[name], depth + 1) for name in required + some}
        least, most = shape.metadata.get('min', 0), shape.metadata.get('max')
        if kind == 'list':
            return [self.value(shape.member, depth + 1) for _ in range(max(least, 1) if least < 5 else least)]
        if kind == 'map':
            return {self.value(shape.key, depth + 1): self.value(shape.value, depth + 1)}
        if kind == 'string':
            return self.text(shape)
        if kind in ('integer', 'long'):
            return int(max(least, min(most if most is not None else 7, 7)))
        if kind in ('float', 'double'):
            return max(least, min(most if most is not None else 0.5, 0.5))
        if kind == 'boolean':
            return self.rng.random() < 0.5
        if kind == 'timestamp':
            return datetime.datetime(2001, 2, 3, tzinfo=datetime.timezone.utc)
        return b'bytes'

    def text(self, shape):
        if shape.enum:
            return self.rng.choice(shape.enum)
        least, most = shape.metadata.get('min', 0), shape.metadata.get('max', 10 ** 9)
        pattern = shape.metadata.get('pattern')
        texts = self.rng.sample(TEXTS, len(TEXTS))
        for text in texts:
            if least <= len(text) <= most and (pattern is None or self.may_fit(pattern, text)):
                return text
        return (texts[0] * (least // len(texts[0]) + 1))[:max(least, 1)]

    @staticmethod
    def may_fit(pattern, text):
        try:
            return fits(pattern, text)
        except Unjudged:
            return True


def places(shape, value, put, depth=0):
    """Every place inside a value: its shape, what is there, and how to put something else there (or `None` to leave it out)."""
    if depth:
        yield shape, value, put
    kind = shape.type_name
    if getattr(shape, 'is_document_type', False):
        return
    if kind == 'structure':
        for name in list(value):
            yield from places(shape.members[name], value[name], setter(value, name), depth + 1)
    elif kind == 'list':
        for index in range(len(value)):
            yield from places(shape.member, value[index], setter(value, index), depth + 1)
    elif kind == 'map':
        for key in list(value):
            yield from places(shape.value, value[key], setter(value, key), depth + 1)


def setter(holder, key):
    def put(value):
        if value is None:
            del holder[key]
        else:
            holder[key] = value
    return put


def spoil(rng, shape, value):
    found = list(places(shape, value, lambda _: None))
    if not found or rng.random() < 0.1:
        value['NoSuchMember'] = 'x'
        return 'unknown member'
    at, old, put = rng.choice(found)
    kind, least, most = at.type_name, at.metadata.get('min'), at.metadata.get('max')
    ways = ['left out', 'wrong type']
    if kind == 'string':
        ways += ['odd text'] * 4 + (['too long'] if most and most < 5000 else []) + (['too short'] if least else [])
    elif kind in ('integer', 'long', 'float', 'double'):
        ways += (['too small'] * 3 if least is not None else []) + (['too large'] * 3 if most is not None else [])
    elif kind in ('list', 'map'):
        ways += (['too few'] * 3 if least else []) + (['too many'] * 3 if kind == 'list' and most and most < 200 and old else [])
    way = rng.choice(ways)
    put({
        'left out': lambda: None, 'wrong type': lambda: WRONG[kind], 'odd text': lambda: rng.choice(ODD), 'too long': lambda: 'a' * (most + 1),
        'too short': lambda: 'a' * (least - 1), 'too small': lambda: least - 1, 'too large': lambda: most + 1,
        'too few': lambda: old[:least - 1] if kind == 'list' else {}, 'too many': lambda: [old[0]] * (most + 1),
    }[way]())
    return f'{way} ({at.name})'


def plain(value):
    if isinstance(value, datetime.datetime):
        return {'$time': value.isoformat().replace('+00:00', 'Z')}
    if isinstance(value, bytes):
        return {'$bytes': base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def main():
    request = json.load(sys.stdin)
    session = botocore.session.get_session()
    for service, operations in request['operations'].items():
        model = session.get_service_model(service)
        for operation in operations:
            shape = model.operation_model(operation).input_shape
            if shape is None:
                continue
            rng = random.Random(f'{request["seed"]} {service} {operation}')
            for number in range(request['each']):
                value = Generator(rng).value(shape)
                change = 'good' if number % 3 == 0 else spoil(rng, shape, value)
                try:
                    fault = verdict(shape, value)
                except Unjudged:
                    continue
                print(json.dumps({'service': service, 'operation': operation, 'change': change, 'input': plain(value), 'fault': fault}))


main()
