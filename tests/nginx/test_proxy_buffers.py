"""Which buffers fit together: our rules and nginx's own."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ingc.frontend.annotations.proxy_buffers import Buffers, as_size, byte_count
from ingc.nginx import Nginx
from ingc.nginx import test as ask_nginx
from tests.nginx.conf import conf, write

_SIZES = ("1", "4095", "4k", "12k", "1m", "1024m")
EVERY = [
    Buffers(number, size, busy, file)
    for number, size, busy, file in itertools.product(
        (2, 3, 4, 2**31 - 1), _SIZES, ("", *_SIZES), ("0", "4095", "4k", "1024m")
    )
]
FIT = [item for item in EVERY if not list(item.misfits())]
MISFIT = [item for item in EVERY if list(item.misfits())]


def location(number: int, item: Buffers) -> str:
    busy = f"proxy_busy_buffers_size {item.busy}; " if item.busy else ""
    return (
        f"location /{number} {{ proxy_buffer_size {item.size}; "
        f"proxy_buffers {item.number} {item.size}; {busy}"
        f"proxy_max_temp_file_size {item.file}; proxy_pass http://127.0.0.1:9; }}\n"
    )


def takes(nginx: Nginx, prefix: Path, items: list[Buffers]) -> bool:
    locations = "".join(itertools.starmap(location, enumerate(items)))
    text = conf(f"server {{ listen unix:{prefix}/nginx.sock;\n{locations}}}\n")
    return ask_nginx(nginx, prefix, write(prefix, text)).ok


def test_nginx_takes_what_fits(nginx: Nginx, prefix: Path) -> None:
    assert len(FIT) > 100
    assert takes(nginx, prefix, FIT)


@pytest.mark.parametrize("item", MISFIT[:: len(MISFIT) // 24], ids=str)
def test_nginx_refuses_what_does_not_fit(nginx: Nginx, prefix: Path, item: Buffers) -> None:
    assert not takes(nginx, prefix, [item])


def test_what_the_message_proposes_fits(nginx: Nginx, prefix: Path) -> None:
    proposed = []
    for item in MISFIT:
        for found in item.misfits():
            least, most = getattr(found, "least", None), getattr(found, "most", None)
            if least is not None:
                proposed.append(Buffers(least, item.size, item.busy))
            if most is not None:
                proposed.append(Buffers(item.number, item.size, most))
    assert len(proposed) > 10
    assert all(not list(item.misfits()) for item in proposed)
    assert takes(nginx, prefix, proposed)


@pytest.mark.parametrize("text", ["0", "1", "4095", "4k", "1m", "1024m"])
def test_a_size_is_shown_as_it_is_read(text: str) -> None:
    assert as_size(byte_count(text)) == text
