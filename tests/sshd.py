"""The sshd of tests, which ships for users' tests too."""

from chainwright.daemon.testing.sshd import BINARY, Sshd

__all__ = ["BINARY", "Sshd"]
