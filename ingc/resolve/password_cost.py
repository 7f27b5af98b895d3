"""Which passwords take too long to check: nginx does it for each request, and nothing meanwhile.

The caps are the highest settings under a tenth of a second on one core of a server of 2023, for the
longest password that crypt takes (511 bytes; the client chooses it) and 64 MB. Measured with
libxcrypt 4.4, each with the next step that is over it:

======================  ==================  =======================
``$5$``, ``$6$``        30,000 rounds       0.09 and 0.06 s; 0.12 s for 40,000 of ``$5$``
``$2y$`` (bcrypt)       cost 10             0.05 s; 0.10 s for 11, 0.20 s for 12
``$y$`` (yescrypt)      N · r = 2 ** 19     0.08 s and 64 MB; 0.16 s for twice
``$gy$``                N · r = 2 ** 19     0.09 s and 64 MB
``$7$`` (scrypt)        N · r · p = 2 ** 18  0.06 s and 32 MB; 0.13 s for twice
======================  ==================  =======================

The defaults of the tools are below: 5,000 rounds, ``htpasswd -B`` 5, yescrypt 2 ** 17. The other
forms have no cost to set, and take less than a millisecond.
"""

from __future__ import annotations

import re

_MOST_ROUNDS = 30_000
_MOST_BCRYPT = 10
_MOST_YESCRYPT = 1 << 19
_MOST_SCRYPT = 1 << 18
_DIGITS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""Of crypt: the place of each is its value."""

_ROUNDS = re.compile(rb"\$[56]\$rounds=(?:([1-9][0-9]{0,8})\$)?").match
_BCRYPT = re.compile(rb"\$2[abxy]\$([0-9]{2})\$").match
_YESCRYPT = re.compile(rb"\$g?y\$(?:j([./0-9A-Za-j])([./0-9A-Za-j])\$)?").match
"""With its usual flavor, and nothing but N and r: more can only make it slower."""
_SCRYPT = re.compile(rb"\$7\$(?:([./0-9A-Za-z])([./0-9A-Za-z]{5})([./0-9A-Za-z]{5}))?").match


def too_costly(password: bytes) -> str:
    """Return why a password takes nginx too long to check, or may; empty: it does not."""
    if found := _ROUNDS(password):
        if found[1] is None or int(found[1]) > _MOST_ROUNDS:
            return f"more than {_MOST_ROUNDS:,} rounds"
    elif found := _BCRYPT(password):
        if int(found[1]) > _MOST_BCRYPT:
            return f"a bcrypt cost above {_MOST_BCRYPT}"
    elif found := _YESCRYPT(password):
        if found[1] is None or _yescrypt(found[1], found[2]) > _MOST_YESCRYPT:
            return "a yescrypt cost above 7"
    elif (found := _SCRYPT(password)) and (
        found[1] is None or _scrypt(*found.groups()) > _MOST_SCRYPT
    ):
        return "an scrypt cost of more than 32 MB"
    return ""


def _yescrypt(n: bytes, r: bytes) -> int:
    return (1 << _number(n) + 1) * (_number(r) + 1)


def _scrypt(n: bytes, r: bytes, p: bytes) -> int:
    return (1 << _number(n)) * _number(r) * _number(p)


def _number(digits: bytes) -> int:
    """Return a number that is written from its lowest digit on."""
    return sum(_DIGITS.index(chr(digit)) << 6 * place for place, digit in enumerate(digits))
