"""Mutations: one change to DER, anywhere in its tree, or to the text of a PEM file."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from ingc.syntax.der import BadDer, encode, read_values
from ingc.syntax.pem import read_blocks, write_block
from tests.material import parts

_CONSTRUCTED = 0x20
_OCTETS, _BITS = 4, 3
_TAGS = (*range(1, 31), 0x30, 0x31, 0x80, 0x82, 0xA0, 0xA3)
_CONTENTS = (b"", b"\x00", b"\x80", b"\xff", b"\xff" * 9, b"\x00" * 40, b"\xd8\x00", b"a" * 300)
_OIDS = [
    parts.oid(dotted)[2:]
    for dotted in (
        *("2.5.4.3", "2.5.4.6", "2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.35"),
        *("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.10"),
        *("1.2.840.10045.2.1", "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.101.112", "1.2.3"),
    )
] + [b"\x2a\x80\x01", b"\x2a\x81"]


@dataclass
class Node:
    """A value of DER that can be changed."""

    tag: int
    content: bytes = b""
    children: list[Node] = field(default_factory=list)
    prefix: bytes = b""
    """What stands before the children of a string that holds DER: the unused bits of one."""
    padded: bool = False
    """Its length is written in more bytes than it needs."""

    def der(self) -> bytes:
        inner = self.prefix + b"".join(child.der() for child in self.children)
        content = inner if self.children else self.content
        if self.padded:
            return bytes((self.tag, 0x83)) + len(content).to_bytes(3) + content
        return encode(self.tag, content)

    def walk(self) -> list[Node]:
        """Return this node and all below it."""
        return [self, *(node for child in self.children for node in child.walk())]


def parse(der: bytes) -> list[Node]:
    """Read a tree, into strings that hold DER too. Raises `BadDer`."""
    return [_node(value.tag, value.content) for value in read_values(der)]


def _node(tag: int, content: bytes) -> Node:
    prefix = content[:1] if tag == _BITS else b""
    if tag & _CONSTRUCTED or tag in (_OCTETS, _BITS):
        try:
            return Node(tag, content, parse(content.removeprefix(prefix)), prefix)
        except BadDer:
            pass
    return Node(tag, content)


def mutate_der(der: bytes, random: Random) -> bytes:
    """Change one thing."""
    try:
        roots = parse(der)
    except BadDer:
        return der
    nodes = [node for root in roots for node in root.walk()]
    node = random.choice(nodes)
    holders = [node for node in nodes if node.children]
    match random.randrange(12):
        case 0:
            node.tag = random.choice(_TAGS)
        case 1:
            node.padded = True
        case 2:
            holder = random.choice(holders)
            holder.children.pop(random.randrange(len(holder.children)))
        case 3:
            holder = random.choice(holders)
            holder.children.append(random.choice(holder.children))
        case 4:
            random.shuffle(random.choice(holders).children)
        case 5:
            extra = Node(random.choice(_TAGS), random.choice(_CONTENTS))
            holder = random.choice(holders)
            holder.children.insert(random.randrange(len(holder.children) + 1), extra)
        case 6:
            oids = [node for node in nodes if node.tag == parts.OID]
            if oids:
                random.choice(oids).content = random.choice(_OIDS)
        case 7 | 8:
            leaf = random.choice([node for node in nodes if not node.children])
            leaf.content = random.choice((*_CONTENTS, leaf.content + b"\x00", leaf.content[:-1]))
        case _:
            leaf = random.choice([node for node in nodes if not node.children])
            changed = bytearray(leaf.content or b"\x00")
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
            leaf.content = bytes(changed)
    return b"".join(root.der() for root in roots)


_TRUSTED = "TRUSTED CERTIFICATE"
_EC_PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
_HEADER = b"Proc-Type: 4,CLEAR\nDEK-Info: none\n\n"


def mutate_pem(text: bytes, random: Random) -> bytes:
    """Change how PEM is written, its order, or what stands beside it."""
    lines = text.splitlines(keepends=True)
    place = random.randrange(len(lines) + 1)
    before, after = b"".join(lines[:place]), b"".join(lines[place:])
    certificates = read_blocks(text, ("CERTIFICATE",))
    changed = (
        b"".join(b"    " + line for line in lines),
        b"\xef\xbb\xbf" + text,
        text.replace(b"\n", b"\r\n"),
        text.replace(b"\n", b"\r"),
        text.rstrip(b"\n"),
        text[: random.randrange(len(text) + 1)],
        before + b"\x00" + after,
        before + b"# text\n" + after,
        text + text,
        b"-----BEGIN " + text,
        text + b"-----BEGIN CERTIFICATE-----\nMIIB\n",
        text.replace(b"BEGIN CERTIFICATE", b"BEGIN X509 CERTIFICATE"),
        text.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
        text.replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE", 2),
        text + b"".join(write_block(_TRUSTED, item.der) for item in certificates),
        text.replace(b"\n", b"", random.randrange(1, 40)),
        parts.private_pem("p384") + text,
        _EC_PARAMETERS + text,
        lines[0] + _HEADER + b"".join(lines[1:]),
    )
    return random.choice(changed)
