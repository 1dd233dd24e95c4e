"""What botocore's models say against a value: its own validator, and the constraints which that leaves to the service."""
from botocore.validate import ParamValidator

try:
    import regex
except ImportError:
    import re as regex


class Unjudged(Exception):
    """A pattern in a dialect that Python does not read."""


def fits(pattern, text):
    try:
        # Java means ASCII by \w and \d, but not by \p{L}.
        return regex.fullmatch(pattern, text, 0 if '\\p' in pattern else regex.ASCII) is not None
    except regex.error:
        raise Unjudged(pattern) from None


def constraints(shape, value):
    """What botocore's validator leaves to the service: longest and largest, the least of maps, enums, patterns."""
    kind = shape.type_name
    if getattr(shape, 'is_document_type', False):
        return
    if kind == 'structure':
        for name, each in value.items():
            yield from constraints(shape.members[name], each)
    elif kind == 'list':
        for each in value:
            yield from constraints(shape.member, each)
    elif kind == 'map':
        for key, each in value.items():
            yield from constraints(shape.key, key)
            yield from constraints(shape.value, each)
    most = shape.metadata.get('max')
    if kind == 'map' and len(value) < shape.metadata.get('min', 0):
        yield f'{shape.name}: too few'
    if most is not None and kind in ('list', 'map', 'string', 'blob') and len(value) > most:
        yield f'{shape.name}: longer than {most}'
    if most is not None and kind in ('integer', 'long', 'float', 'double') and value > most:
        yield f'{shape.name}: more than {most}'
    if kind == 'string' and shape.enum and value not in shape.enum:
        yield f'{shape.name}: not in the enum'
    pattern = shape.metadata.get('pattern')
    if kind == 'string' and pattern is not None and not fits(pattern, value):
        yield f'{shape.name}: not of the pattern {pattern}'


def verdict(shape, value):
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        return report.generate_report()
    return '; '.join(constraints(shape, value))
