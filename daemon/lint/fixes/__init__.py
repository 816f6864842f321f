"""What ``lint --fix`` can mend: :data:`FIXES` maps a rule to the function that turns a finding of it into edits.

A fix reads the text and knows nothing of the linter; whether it made the file better is for ``lint.fixer`` to see.
"""

from collections.abc import Callable
from typing import Final

from chainwright.daemon.lint.fixes.edits import Edits, Page
from chainwright.daemon.lint.fixes.keys import misspelt, of_github
from chainwright.daemon.lint.fixes.to_environment import moved_to_environment
from chainwright.schemas.diagnostic import Diagnostic

FIXES: Final[dict[str, Callable[[Page, Diagnostic], Edits]]] = {
    "gha-key": of_github,
    "unknown-key": misspelt,
    "inject-shell": moved_to_environment,
}
"""Each gives no edits where it is not sure."""
