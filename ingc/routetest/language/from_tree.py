"""From lark's tree of a line to the syntax tree."""

from __future__ import annotations

from lark import Token, Tree

from ingc.routetest.language.syntax import (
    AnswerHeader,
    AnyOf,
    Client,
    Condition,
    Expectation,
    Expected,
    ExpectedBackend,
    Head,
    Hosts,
    IngressIs,
    Let,
    Not,
    RedirectTo,
    RequestLine,
    Rewritten,
    SameAs,
    Scheme,
    SentCookie,
    SentHeader,
    ShownCertificate,
    Single,
    Statement,
    Status,
    TableRow,
    TlsRefused,
    Unopened,
    UpstreamHeader,
    UpstreamIs,
    With,
    Word,
    word,
)

Parsed = Tree[Token]


class LineBuilder:
    """Builds the nodes of one line; ``shift`` is where its text begins in the line."""

    def __init__(self, shift: int = 0) -> None:
        self._shift = shift

    def statement(self, tree: Parsed) -> Statement:
        """Return what a line means."""
        words = self._words(tree)
        match str(tree.data):
            case "let":
                return Let(words[0], words[1])
            case "hosts":
                return Hosts(tuple(words))
            case "test":
                return self._head(tree)
            case "with_line":
                return With(self.conditions(self._tree(tree, "given")), self._column(tree))
            case "arrow_line":
                inner = self._tree(tree, "expected")
                return Expected(self.expectations(inner), arrow=True, column=self._column(tree))
            case "and_line":
                return Expected(self.expectations(tree), arrow=False, column=self._column(tree))
            case _:
                return TableRow(tuple(map(self._cell, self._trees(tree))))

    def _head(self, tree: Parsed) -> Head:
        given = [item for item in self._trees(tree) if item.data == "given"]
        expected = [item for item in self._trees(tree) if item.data == "expected"]
        return Head(
            self.request(self._tree(tree, "request")),
            self.conditions(given[0]) if given else (),
            self.expectations(expected[0]) if expected else (),
        )

    def _cell(self, tree: Parsed) -> Word:
        token = next((item for item in tree.children if isinstance(item, Token)), None)
        if token is None:
            return Word("")
        text = str(token)
        column = (token.column or 1) + len(text) - len(text.lstrip())
        return word(text.strip(), column + self._shift)

    def request(self, tree: Parsed) -> RequestLine:
        """Return a method and a target."""
        *method, target = self._words(tree)
        return RequestLine(method[0] if method else None, target)

    def conditions(self, tree: Parsed) -> tuple[Condition, ...]:
        """Return what a request is sent with."""
        return tuple(map(self._condition, self._trees(tree)))

    def _condition(self, tree: Parsed) -> Condition:
        words = self._words(tree)
        match str(tree.data):
            case "scheme":
                return Scheme(words[0])
            case "sent_header":
                return SentHeader(words[0], words[1])
            case "sent_cookie":
                return SentCookie(words[0], words[1])
            case "certificate":
                return ShownCertificate(words[0] if words else None)
            case _:
                return Client(words[0])

    def expectations(self, tree: Parsed) -> tuple[Expectation, ...]:
        """Return what is expected."""
        return tuple(map(self._expectation, self._trees(tree)))

    def _expectation(self, tree: Parsed) -> Expectation:
        if tree.data == "negation":
            return Not(self._claim(self._trees(tree)[0]))
        return self._claim(tree)

    def _claim(self, tree: Parsed) -> Single | AnyOf | SameAs:
        if tree.data == "any_of":
            return AnyOf(tuple(map(self._single, self._trees(tree))))
        if tree.data == "same_as":
            return SameAs(self.request(self._tree(tree, "request")))
        return self._single(tree)

    def _single(self, tree: Parsed) -> Single:
        words = self._words(tree)
        second = words[1] if len(words) > 1 else None
        match str(tree.data):
            case "backend":
                inner = self._trees(tree)
                return ExpectedBackend(
                    words[0], Rewritten(self._words(inner[0])[0]) if inner else None
                )
            case "rewritten":
                return Rewritten(words[0])
            case "upstream":
                return UpstreamIs(words[0])
            case "status":
                return Status(words[0], second)
            case "redirect":
                return RedirectTo(words[0] if words else None)
            case "refused":
                return TlsRefused()
            case "unopened":
                return Unopened(words[0] if words else None)
            case "ingress":
                return IngressIs(words[0])
            case "answer_header":
                return AnswerHeader(words[0], second)
            case _:
                return UpstreamHeader(words[0], second)

    def inner(self, tree: Parsed) -> Parsed:
        """Return what a start symbol wraps."""
        return self._trees(tree)[0]

    def _words(self, tree: Parsed) -> list[Word]:
        return [
            word(str(item), (item.column or 1) + self._shift)
            for item in tree.children
            if isinstance(item, Token) and item.type != "COMMENT"
        ]

    def _trees(self, tree: Parsed) -> list[Parsed]:
        return [item for item in tree.children if isinstance(item, Tree)]

    def _tree(self, tree: Parsed, name: str) -> Parsed:
        return next(item for item in self._trees(tree) if item.data == name)

    def _column(self, tree: Parsed) -> int:
        return (tree.meta.column if not tree.meta.empty else 1) + self._shift
