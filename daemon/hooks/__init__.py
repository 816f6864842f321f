"""Webhooks that start runs: their deliveries received, decided on, kept, and replayed.

``receiving`` joins what is deployed, the secrets, ``triggers.webhooks``, the engine and the store; ``live_secrets`` gives the secrets that
are live; ``keeping`` forgets what is too old. Listening is ``daemon.web``'s.
"""

from chainwright.daemon.hooks.receiving import Hooks

__all__ = ["Hooks"]
