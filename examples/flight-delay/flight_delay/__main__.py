"""The container's entrypoint: `train`, `evaluate` or `serve`."""
import sys
import traceback

from . import evaluate, paths, serve, train
from .errors import ProjectError

COMMANDS = {'train': train.main, 'evaluate': evaluate.main, 'serve': serve.main}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        given = ' '.join(arguments) or 'none'
        print(f'one command is expected, one of {", ".join(COMMANDS)}; given: {given}', file=sys.stderr)
        return 2
    try:
        COMMANDS[arguments[0]]()
        return 0
    except ProjectError as error:
        reason = str(error)
    except Exception:  # whatever it is, the job's owner is to read it in the job's failure reason
        reason = traceback.format_exc()
    print(reason, file=sys.stderr)
    paths.report_failure(reason)
    return 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
