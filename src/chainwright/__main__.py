"""``python -m chainwright``: the same entrance as the ``chainwright`` command."""

import sys

from chainwright.daemon.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
