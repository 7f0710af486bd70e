"""The fingerprint of a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from plimsoll.core.fingerprint import sha256_file


def test_the_example_of_the_standard(tmp_path: Path) -> None:
    """SHA-256 of 'abc': https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines."""
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_file(path) == expected


def test_large_files_are_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * 3_000_001)
    assert sha256_file(path) == hashlib.sha256(b"x" * 3_000_001).hexdigest()


def test_a_missing_file_is_an_error_for_the_caller_to_word(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sha256_file(tmp_path / "none")
