"""Libraries that judge what authors write are called in few rooms, and each room has a guard."""

from __future__ import annotations

import pytest

from tests.test_architecture import PACKAGE, imports_of, modules

ROOMS = {
    "pcre2": {"syntax/pcre.py"},
    "cryptography": {
        "resolve/pem.py",
        "resolve/pem_keys.py",  # called inside the guard of the former
        "serve/selfsigned.py",  # reads nothing of an author
    },
    "ssl": {
        "frontend/declarations/ciphers.py",
        "serve/client.py",  # reads nothing of an author
    },
}
OTHERS = ("OpenSSL", "_cffi_backend", "_ssl", "re2", "regex", "crypt", "hashlib.scrypt")
"""What would do the same beside these, and is not used."""


@pytest.mark.parametrize("library", ROOMS)
def test_only_the_named_rooms_import_it(library: str) -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for _, path in modules()
        if any(name.split(".")[0] == library for name in imports_of(path))
    }
    assert found == ROOMS[library]


def test_nothing_else_does_their_work() -> None:
    found = {name.split(".")[0] for _, path in modules() for name in imports_of(path)}
    assert not found & set(OTHERS)
