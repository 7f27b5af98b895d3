"""What our rules let through of odd certificates, keys and lists, every nginx loads.

A quick run takes the Secrets 0 to 1500 of `tests.material.cases`; with ``--deep`` 30,000 others
each time, from the number that ``INGC_SEED`` repeats and the report names.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import secrets
import tempfile
from functools import cache
from pathlib import Path

import pytest

from ingc import nginx as real
from ingc.diagnostics import Origin
from ingc.ir import SecretBytes
from ingc.k8s.secret import Secret
from ingc.nginx import Nginx
from ingc.resolve.certificate import KeyPair, read_key_pair
from tests.material import parts
from tests.material.cases import Taken, taken_of
from tests.nginx.certificates import certificate
from tests.resolve.test_pem import SHA1, made
from tests.strategies import deep

QUICK, DEEP = 1500, 30_000
BATCH = 100
"""Servers of one nginx."""
_GOOD = certificate("odd.test")


@cache
def first() -> int:
    """Return the number of the first Secret."""
    return int(os.environ.get("INGC_SEED") or (secrets.randbelow(1 << 32) if deep() else 0))


@cache
def taken() -> tuple[Taken, ...]:
    """Return what is taken of the Secrets, as far as anything is."""
    numbers = range(first(), first() + (DEEP if deep() else QUICK))
    found = map(taken_of, numbers)
    return tuple(item for item in found if item.pair or item.authorities)


def server(item: Taken, folder: Path) -> str:
    """Write the files of a Secret; return a server that shows, trusts and offers all of them."""
    name = folder / str(item.number)
    crt, key = (item.pair.certificate, item.pair.key) if item.pair else _GOOD
    name.with_suffix(".crt").write_bytes(crt)
    name.with_suffix(".key").write_bytes(key)
    lines = [
        f"listen unix:{folder}/nginx.sock ssl",
        f"server_name n{item.number}.test",
        f"ssl_certificate {name}.crt",
        f"ssl_certificate_key {name}.key",
    ]
    proxy = [
        "proxy_pass https://127.0.0.1:1",
        f"proxy_ssl_certificate {name}.crt",
        f"proxy_ssl_certificate_key {name}.key",
    ]
    if item.authorities:
        name.with_suffix(".ca").write_bytes(item.authorities.certificates)
        lines += ["ssl_verify_client on", f"ssl_client_certificate {name}.ca"]
        proxy += ["proxy_ssl_verify on", f"proxy_ssl_trusted_certificate {name}.ca"]
    if item.authorities and item.authorities.revoked:
        name.with_suffix(".crl").write_bytes(item.authorities.revoked)
        lines.append(f"ssl_crl {name}.crl")
    return f"server {{ {'; '.join(lines)}; location / {{ {'; '.join(proxy)}; }} }}\n"


def loads(nginx: Nginx, items: tuple[Taken, ...]) -> str:
    """Return why nginx does not start with what was taken of some Secrets; empty: it does."""
    with tempfile.TemporaryDirectory(prefix="ingc-") as name:
        folder = Path(name)
        servers = "".join(server(item, folder) for item in items)
        http = "ssl_stapling on;\nserver_names_hash_bucket_size 128;\n"
        http += "".join(
            f"{kind}_temp_path {folder};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        conf = folder / "nginx.conf"
        conf.write_text(
            f"pid {folder}/nginx.pid;\nerror_log stderr;\nevents {{ }}\n"
            f"http {{\naccess_log off;\n{http}{servers}}}\n"
        )
        result = real.test(nginx, folder, conf)
    return "" if result.ok else "; ".join(m for m in result.messages if "[emerg]" in m)


def test_nginx_loads_whatever_is_taken(nginx: Nginx) -> None:
    assert_loads(nginx, taken())


def test_nginx_loads_weak_certificates_that_sign_themselves(nginx: Nginx) -> None:
    """All that have two identifiers of keys, by which OpenSSL tells whether one does."""
    items = []
    for number, pair in enumerate(itertools.product([b"", *parts.IDENTIFIERS], repeat=2)):
        crt = made(*filter(None, pair), signature=SHA1)
        data = {"tls.crt": crt, "tls.key": parts.private_pem("rsa2048")}
        held = {key: SecretBytes(text) for key, text in data.items()}
        found = read_key_pair(Secret("odd", "weak", held, frozenset(), Origin()))
        if isinstance(found, KeyPair):
            items.append(Taken(number, found, None))
    assert len(items) > 5
    assert_loads(nginx, tuple(items))


def assert_loads(nginx: Nginx, items: tuple[Taken, ...]) -> None:
    refused = []
    for at in range(0, len(items), BATCH):
        batch = items[at : at + BATCH]
        if loads(nginx, batch):
            refused += [f"Secret {i.number}: {why}" for i in batch if (why := loads(nginx, (i,)))]
    assert not refused, "\n".join(refused)


def test_enough_is_taken_to_prove_something() -> None:
    numbers = DEEP if deep() else QUICK
    assert sum(item.pair is not None for item in taken()) > numbers / 8
    assert sum(item.authorities is not None for item in taken()) > numbers / 8
    lists = sum(bool(item.authorities and item.authorities.revoked) for item in taken())
    assert lists > numbers / 50


@pytest.mark.parametrize("kind", ["crt", "key", "ca", "crl"])
def test_a_broken_file_is_noticed(nginx: Nginx, kind: str) -> None:
    """The property above can fail: nginx reads each of the four files."""
    item = next(i for i in taken() if i.pair and i.authorities and i.authorities.revoked)
    assert not loads(nginx, (item,))
    assert loads(nginx, (_broken(item, kind),))


def _broken(item: Taken, kind: str) -> Taken:
    assert item.pair is not None
    assert item.authorities is not None
    part, name = {
        "crt": (item.pair, "certificate"),
        "key": (item.pair, "key"),
        "ca": (item.authorities, "certificates"),
        "crl": (item.authorities, "revoked"),
    }[kind]
    changed = dataclasses.replace(part, **{name: getattr(part, name)[:-60]})
    place = "pair" if part is item.pair else "authorities"
    return dataclasses.replace(item, **{place: changed})
