"""The HTTP API: one for command line and dashboard, over a unix socket and, with a token, over TCP."""
