"""``main(argv) -> exit code``: the whole command line, testable in process.

Every way to fail ends here, so that the exit codes of interfaces.md are given in one place.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from chainwright import __version__
from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.place import Place
from chainwright.daemon.cli.verbs import Verbs
from chainwright.daemon.config import BadConfig
from chainwright.daemon.web.codes import EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE

PROGRAM: Final = "chainwright"
_READER_GONE: Final = 141
"""128 + SIGPIPE, as every other tool ends in front of ``head``."""


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, epilog="Start with: chainwright init")
@click.option("--home", metavar="DIR", help="State folder of the daemon (else CHAINWRIGHT_HOME, else the XDG one).")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Configuration instead of the user's.")
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, home: str | None, config: Path | None) -> None:
    """Chains of AI agents, each in its own terminal session; nothing lost."""
    context.obj = Place(home_flag=home, config_file=config)


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command line (``sys.argv`` by default) and return its exit code."""
    try:
        return _code(cli.main(args=argv, prog_name=PROGRAM, standalone_mode=False))
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except Failure as failure:
        failure.show()
        return failure.exit_code
    except BadConfig as bad:
        click.echo(f"the configuration cannot be used:\n{bad}", err=True)
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except SystemExit:
        # The one case that click ends by itself: whoever read our output has gone, and it keeps Python from saying so at exit.
        return _READER_GONE


def _code(result: object) -> int:
    return result if isinstance(result, int) else EXIT_OK
