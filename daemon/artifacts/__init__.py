"""Artifacts: files of runs by their content, so that equal ones are kept once and none changes under its readers.

``port`` is what the engine asks, ``store`` keeps contents below one folder, ``workspace_files`` opens what agents name without following
their links. A content that no run refers to (the daemon died between keeping it and recording it) costs space and nothing else.
"""
