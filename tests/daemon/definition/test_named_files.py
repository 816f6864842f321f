"""Files that chains name are read once, and within bounds."""

import pytest

from chainwright.daemon.definition.named_files import MAX_BYTES, MAX_FILES, NamedFiles, Unusable, of_mapping


def test_a_file_is_read_once() -> None:
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return b"x"

    files = NamedFiles(read)

    assert [files.content("a"), files.content("a")] == [b"x", b"x"]
    assert asked == ["a"]


def test_a_missing_file_is_told_with_the_nearest_one() -> None:
    files = NamedFiles(of_mapping({"schemas/draft.json": b""}))

    with pytest.raises(Unusable, match=r"there is no file schemas/daft\.json") as told:
        files.content("schemas/daft.json")

    assert told.value.hint == 'did you mean "schemas/draft.json"?'


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(Unusable, match="more than 262,144 bytes"):
        NamedFiles(of_mapping({"a": b"x" * (MAX_BYTES + 1)})).content("a")


def test_only_so_many_files_are_read() -> None:
    files = NamedFiles(lambda path: b"")
    for number in range(MAX_FILES):
        files.content(str(number))

    with pytest.raises(Unusable, match="may name 100 files, one-more is one more"):
        files.content("one-more")
