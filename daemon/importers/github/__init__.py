"""Workflows of GitHub Actions → chains: ``expressions → scripts → steps → jobs → workflow``.

A job becomes an agent with steps. Where GitHub's rules are others than ours (skips that spread, jobs that share nothing, six hours for
a job), the chain says GitHub's rule itself.
"""
