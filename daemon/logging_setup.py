"""How the daemon talks about itself: a sentence for people, an ``action`` and ids for machines, one line each, on stderr."""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class Stderr:
    """Standard error, but a line that cannot be written is lost: the log may stand on the very disk that is full, or its reader may
    have gone, and work must not fail for want of a word about it."""

    def write(self, text: str) -> None:
        """Say it, if that can be done."""
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Out with it."""
        with suppress(OSError):
            sys.stderr.flush()


def log_to_stderr(level: str) -> None:
    """Key-value lines on a terminal, JSON elsewhere, from this level on."""
    terminal = sys.stderr.isatty()
    stream = cast(TextIO, Stderr())
    render = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=stream, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
