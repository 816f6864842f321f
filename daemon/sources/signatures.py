"""Whether a commit is signed by somebody who may: with an SSH key that the operator's file of allowed signers lists.

The file is named in the daemon's configuration, never in what is pushed. Only SSH signatures count: for any other git would start a
program that the repository's own configuration may name, so those programs are replaced.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chainwright.daemon.sources.git_command import tried

_SETTINGS: Final = {
    "gpg.ssh.program": "ssh-keygen",
    "gpg.program": "false",
    "gpg.openpgp.program": "false",
    "gpg.x509.program": "false",
    "gpg.minTrustLevel": "fully",
}


def signature_fault(folder: Path, commit: str, signers: Path, environment: Mapping[str, str]) -> str:
    """Why the commit does not count as signed, empty when it does. ``folder`` is git's own. Raises ``SourceError``."""
    if not signers.is_file():
        return f"the file of allowed signers, {signers}, is not there"
    told = _SETTINGS | {"gpg.ssh.allowedSignersFile": str(signers)}
    words = [word for name, value in told.items() for word in ("-c", f"{name}={value}")]
    done = tried(folder, *words, "verify-commit", commit, environment=environment)
    if done.returncode == 0:
        return ""
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return f"it is not signed by an allowed signer{f' ({said[-1]})' if said else ''}; sign it: git commit --amend -S"
