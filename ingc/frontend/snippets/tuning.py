"""Directives of one value in snippets: time-outs, buffers, sizes, compression, logging."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingc.frontend.snippets.contents import SnippetContents, SnippetPlace
from ingc.frontend.snippets.parsed import ReadDirective, SnippetWord
from ingc.frontend.snippets.values import RefusedDirective
from ingc.ir.features.card import Argument

_TIME = re.compile(
    r"(?=.)(?:[0-9]{1,4}d)?(?:[0-9]{1,5}h)?(?:[0-9]{1,6}m)?(?:[0-9]{1,7}s)?|[0-9]{1,7}"
).fullmatch
_SIZE = re.compile(r"([0-9]{1,10})([kKmM]?)").fullmatch
_LARGE = re.compile(r"([0-9]{1,10})([kKmMgG]?)").fullmatch
_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*/[A-Za-z0-9.+-]+|\*").fullmatch
_SHIFTS = {"": 0, "k": 10, "m": 20, "g": 30}
_MOST_BUFFER = 16 << 20
"""Bytes of memory that one request may take for one purpose."""

ArgumentForm = Callable[[SnippetWord], Argument]


@dataclass(frozen=True, slots=True)
class ArgumentShape:
    """What the arguments of a directive are."""

    words: str
    """For people, in nginx's way: ``time``, ``on | off``."""
    forms: tuple[ArgumentForm, ...]
    repeats: bool = False
    """True: any number of arguments, each of the one form."""


def _wrong(word: SnippetWord, wanted: str) -> RefusedDirective:
    return RefusedDirective(f'"{word.text}" is not {wanted}', f"write {wanted}", word.place)


def _time(word: SnippetWord) -> Argument:
    if not _TIME(word.text):
        raise _wrong(word, "a time such as 30s or 5m")
    return word.text


def _buffer(word: SnippetWord) -> Argument:
    found = _SIZE(word.text)
    if found is None or not 0 < int(found[1]) << _SHIFTS[found[2].lower()] <= _MOST_BUFFER:
        raise _wrong(word, "a size from 1 to 16m")
    return word.text


def _size(pattern: Callable[[str], re.Match[str] | None]) -> ArgumentForm:
    def read(word: SnippetWord) -> Argument:
        found = pattern(word.text)
        if found is None or int(found[1]) << _SHIFTS[found[2].lower()] >= 1 << 62:
            raise _wrong(word, "a size such as 8m")
        return word.text

    return read


def _number(least: int, most: int) -> ArgumentForm:
    def read(word: SnippetWord) -> Argument:
        if not word.text.isdecimal() or not least <= int(word.text[:10]) <= most:
            raise _wrong(word, f"a number from {least} to {most}")
        return int(word.text)

    return read


def _one_of(*allowed: str) -> ArgumentForm:
    def read(word: SnippetWord) -> Argument:
        if word.text not in allowed:
            raise _wrong(word, f"one of {', '.join(allowed)}")
        return word.text

    return read


def _media_type(word: SnippetWord) -> Argument:
    if not _TYPE(word.text):
        raise _wrong(word, "a media type such as text/css")
    return word.text


def _charset(word: SnippetWord) -> Argument:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", word.text):
        raise _wrong(word, "a charset such as utf-8, or off")
    return word.text


SWITCH = ArgumentShape("on | off", (_one_of("on", "off"),))
TIME = ArgumentShape("time", (_time,))
BUFFER = ArgumentShape("size", (_buffer,))
SIZE = ArgumentShape("size", (_size(_SIZE),))
LARGE_SIZE = ArgumentShape("size", (_size(_LARGE),))
TYPES = ArgumentShape("type …", (_media_type,), repeats=True)
_REASONS = (
    *("error", "timeout", "invalid_header", "http_500", "http_502", "http_503", "http_504"),
    *("http_403", "http_404", "http_429", "non_idempotent", "off"),
)
_PROXIED = (
    *("off", "expired", "no-cache", "no-store", "private", "no_last_modified", "no_etag"),
    *("auth", "any"),
)

OF_LOCATIONS: Mapping[str, ArgumentShape] = {
    "absolute_redirect": SWITCH,
    "charset": ArgumentShape("charset | off", (_charset,)),
    "chunked_transfer_encoding": SWITCH,
    "client_body_buffer_size": BUFFER,
    "client_body_timeout": TIME,
    "client_max_body_size": LARGE_SIZE,
    "default_type": ArgumentShape("type", (_media_type,)),
    "etag": SWITCH,
    "gzip": SWITCH,
    "gzip_comp_level": ArgumentShape("1 to 9", (_number(1, 9),)),
    "gzip_http_version": ArgumentShape("1.0 | 1.1", (_one_of("1.0", "1.1"),)),
    "gzip_min_length": ArgumentShape("bytes", (_number(0, 1 << 30),)),
    "gzip_proxied": ArgumentShape("off | expired | any | …", (_one_of(*_PROXIED),), repeats=True),
    "gzip_types": TYPES,
    "gzip_vary": SWITCH,
    "if_modified_since": ArgumentShape(
        "off | exact | before", (_one_of("off", "exact", "before"),)
    ),
    "keepalive_requests": ArgumentShape("number", (_number(1, 1_000_000),)),
    "keepalive_timeout": TIME,
    "limit_rate": SIZE,
    "limit_rate_after": SIZE,
    "lingering_timeout": TIME,
    "log_not_found": SWITCH,
    "max_ranges": ArgumentShape("number", (_number(0, 10_000),)),
    "port_in_redirect": ArgumentShape("off", (_one_of("off"),)),
    "proxy_buffer_size": BUFFER,
    "proxy_buffering": SWITCH,
    "proxy_buffers": ArgumentShape("number size", (_number(2, 1024), _buffer)),
    "proxy_busy_buffers_size": BUFFER,
    "proxy_connect_timeout": TIME,
    "proxy_http_version": ArgumentShape("1.0 | 1.1", (_one_of("1.0", "1.1"),)),
    "proxy_ignore_client_abort": SWITCH,
    "proxy_intercept_errors": ArgumentShape("on", (_one_of("on"),)),
    "proxy_max_temp_file_size": SIZE,
    "proxy_next_upstream": ArgumentShape(
        "error | timeout | …", (_one_of(*_REASONS),), repeats=True
    ),
    "proxy_next_upstream_timeout": TIME,
    "proxy_next_upstream_tries": ArgumentShape("number", (_number(0, 100),)),
    "proxy_read_timeout": TIME,
    "proxy_request_buffering": SWITCH,
    "proxy_send_timeout": TIME,
    "proxy_socket_keepalive": SWITCH,
    "reset_timedout_connection": SWITCH,
    "rewrite_log": SWITCH,
    "send_timeout": TIME,
    "server_tokens": SWITCH,
    "tcp_nodelay": SWITCH,
}
"""Directives of one location that change nothing else."""
OF_LOCATIONS_ALONE = frozenset({"default_type", "limit_rate", "limit_rate_after", "rewrite_log"})
"""What is no setting of ``http``: a key of the ConfigMap, or of each location."""
OF_MAIN: Mapping[str, ArgumentShape] = {
    "worker_processes": ArgumentShape("number", (_number(1, 1024),)),
    "worker_rlimit_nofile": ArgumentShape("number", (_number(1, 1 << 30),)),
    "worker_shutdown_timeout": TIME,
}
"""Directives of the whole nginx."""
OF_PORTS: Mapping[str, ArgumentShape] = {
    "preread_buffer_size": BUFFER,
    "preread_timeout": TIME,
    "proxy_buffer_size": BUFFER,
    "proxy_connect_timeout": TIME,
    "proxy_download_rate": SIZE,
    "proxy_protocol_timeout": TIME,
    "proxy_requests": ArgumentShape("number", (_number(0, 1_000_000),)),
    "proxy_socket_keepalive": SWITCH,
    "proxy_upload_rate": SIZE,
    "tcp_nodelay": SWITCH,
}
"""Directives of one port of ``stream`` that change nothing else."""
KEYS_OF_PORTS: Mapping[str, tuple[str, ArgumentShape]] = {
    "proxy_next_upstream": ("proxy-stream-next-upstream", SWITCH),
    "proxy_next_upstream_timeout": ("proxy-stream-next-upstream-timeout", TIME),
    "proxy_next_upstream_tries": (
        "proxy-stream-next-upstream-tries",
        ArgumentShape("number", (_number(0, 100),)),
    ),
    "proxy_responses": (
        "proxy-stream-responses",
        ArgumentShape("number", (_number(0, 1_000_000),)),
    ),
    "proxy_timeout": ("proxy-stream-timeout", TIME),
}
"""What ingress-nginx writes into every server of ``stream``, each with the key that sets it."""
SET_ANYWAY = frozenset(
    {"client_body_buffer_size", "client_max_body_size", "proxy_buffer_size", "proxy_buffering"}
    | {"proxy_buffers", "proxy_connect_timeout", "proxy_http_version", "proxy_next_upstream"}
    | {"proxy_max_temp_file_size", "proxy_next_upstream_timeout", "proxy_next_upstream_tries"}
    | {"proxy_read_timeout", "proxy_request_buffering", "proxy_send_timeout"}
)
"""What ingress-nginx writes into every location, so that nothing of a server reaches there."""


def read_tuning(item: ReadDirective, contents: SnippetContents) -> None:
    """Read a directive of `OF_LOCATIONS`, or of a port of ``stream``."""
    name = item.name.text
    if contents.place is SnippetPlace.PORTS:
        known = {**OF_PORTS, **{name: shape for name, (_, shape) in KEYS_OF_PORTS.items()}}
        contents.tunings[name] = arguments(item, known[name])
        return
    shape = OF_LOCATIONS[name]
    args = arguments(item, shape)
    if name == "proxy_buffers":
        number, size = item.args
        found = _SIZE(size.text)
        each = int(found[1]) << _SHIFTS[found[2].lower()] if found is not None else 0
        if int(number.text) * each > _MOST_BUFFER:
            raise _wrong(size, "a size of which so many buffers take at most 16m")
    contents.tunings[name] = args


def arguments(item: ReadDirective, shape: ArgumentShape) -> tuple[Argument, ...]:
    """Return the arguments of a directive. Raises `Refused`."""
    if shape.repeats:
        if not item.args:
            raise RefusedDirective(
                "it has no argument", f"write {item.name} {shape.words}", item.place
            )
        return tuple(dict.fromkeys(shape.forms[0](word) for word in item.args))
    if len(item.args) != len(shape.forms):
        wanted = f"{len(shape.forms)} argument{'s' if len(shape.forms) > 1 else ''}"
        raise RefusedDirective(f"it takes {wanted}", f"write {item.name} {shape.words}", item.place)
    return tuple(form(word) for form, word in zip(shape.forms, item.args, strict=True))


def read_main(item: ReadDirective, contents: SnippetContents) -> None:
    """Read a directive of `OF_MAIN`."""
    name = item.name.text
    contents.tunings[name] = arguments(item, OF_MAIN[name])


def read_verify(item: ReadDirective, _contents: SnippetContents) -> None:
    """``proxy_ssl_verify off``, which changes nothing."""
    if item.texts != ("off",):
        why = "what backends are verified by is named elsewhere"
        raise RefusedDirective(why, "use proxy-ssl-secret and proxy-ssl-verify", item.place)


_EXPIRES = re.compile(r"epoch|max|off|[+-]?(?:[0-9]{1,7}[smhdM]?|[0-9]{1,4}[wy])").fullmatch


def read_expires(item: ReadDirective, contents: SnippetContents) -> None:
    """``expires [modified] TIME``, ``epoch``, ``max``, ``off``."""
    *first, last = item.args
    if [word.text for word in first] not in ([], ["modified"]) or not _EXPIRES(last.text):
        raise RefusedDirective(
            "it is not a time, epoch, max or off", "write expires 1h", last.place
        )
    contents.tunings["expires"] = tuple(word.text for word in item.args)


def read_access_log(item: ReadDirective, contents: SnippetContents) -> None:
    """``access_log off``."""
    word = item.args[0]
    if word.text != "off" or len(item.args) > 1:
        why = "a log names a file"
        raise RefusedDirective(why, "set access-log-path of the ConfigMap", word.place)
    if contents.place is SnippetPlace.PORTS:
        return
    if contents.place is SnippetPlace.HTTP:
        raise RefusedDirective("it is a setting of its own", "set disable-access-log", word.place)
    contents.tunings["access_log"] = ("off",)
