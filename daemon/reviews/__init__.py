"""Review of changes before they are deployed.

``change_requests``  those of hosted repositories: opened by a push, answered by people, merged by the daemon
``views``            what the API says about them

What a change request is, and what may become of one, is decided in ``daemon.core.change_requests``; the store keeps its entries;
git's part is in ``daemon.sources.review``.
"""
