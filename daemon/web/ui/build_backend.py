"""The package's build (PEP 517): setuptools', after the dashboard has been built.

A wheel made of a source distribution finds the dashboard in it and needs no Node. Editable installs are left alone: whoever works on
the daemon does not wait for a bundler; ``make ui`` builds it for them.
"""

from typing import Any

import dashboard_build
from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings = dict[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Those of setuptools, and Node where the machine has none."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *dashboard_build.requirements()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """Those of setuptools, and Node where the machine has none."""
    return [*build_meta.get_requires_for_build_sdist(config_settings), *dashboard_build.requirements()]


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """The name of the wheel; it has the dashboard, or a warning was told."""
    dashboard_build.build_or_warn()
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """The name of the source distribution; it has the dashboard, or a warning was told."""
    dashboard_build.build_or_warn()
    return str(build_meta.build_sdist(sdist_directory, config_settings))
