"""The lock on a state folder."""

import os

import pytest

from chainwright.daemon.store.folder_lock import FolderLock
from chainwright.daemon.store.port import StoreLocked


def test_it_is_held_by_one_and_names_its_process(tmp_path):
    holder, other = FolderLock(tmp_path / "lock"), FolderLock(tmp_path / "lock")
    holder.take()
    with pytest.raises(StoreLocked, match=f"process {os.getpid()}"):
        other.take()
    holder.release()
    other.take()
    other.release()


def test_a_longer_pid_of_the_holder_before_leaves_no_trace(tmp_path):
    (tmp_path / "lock").write_text("99999999999999\n")
    lock = FolderLock(tmp_path / "lock")
    lock.take()

    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    lock.release()


def test_it_can_be_released_without_being_held(tmp_path):
    FolderLock(tmp_path / "lock").release()


def test_it_is_not_inherited_by_what_is_executed(tmp_path):
    lock = FolderLock(tmp_path / "lock")
    lock.take()

    assert lock._descriptor is not None
    assert not os.get_inheritable(lock._descriptor)
    lock.release()
