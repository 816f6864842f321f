"""``python -m chainwright.daemon.web.description FILE`` writes the API's OpenAPI, from which the dashboard's types are made."""

import json
import sys
from pathlib import Path

from chainwright.daemon.web.app import ROUTES
from chainwright.daemon.web.openapi import description


def text() -> str:
    """As it lies in ``daemon/web/ui/openapi.json``: one line for each name, so that changes of two people meet seldom."""
    return json.dumps(description(ROUTES), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text())
