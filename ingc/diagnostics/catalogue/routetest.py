"""ING70x-ING74x: files of route tests."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, code
from ingc.diagnostics.model import Entry


@code("ING701", name="route-test-syntax", severity=ERROR)
class RouteTestSyntax(Entry):
    """A line of a file of route tests can't be read.

    A line is a test (`GET /cart -> shop/cart:8080`), more of the test above it (`with …`, `-> …`,
    `and …`), `host NAME`, `let NAME = VALUE`, a row of a table, or a comment.

    Fix: correct the line at the place shown. A word with spaces or quotes in it is written as a
    string: `header Accept: "text/html, */*"`.
    """

    found: str
    wanted: str
    summary = "{found} can't stand here"
    label = "expected: {wanted}"
    help = "write {wanted}"


@code("ING702", name="route-test-variable-unknown", severity=ERROR)
class RouteTestVariableUnknown(Entry):
    """A route test uses a variable that no line above it gives a value.

    Example: `/cart -> $cart` without `let cart = shop/cart:8080` before it.

    Fix: give the variable a value above, or correct its name. A dollar sign that is meant as
    such is written `$$`.
    """

    variable: str
    known: str
    summary = 'no variable "{variable}" is set above'
    label = "used here"
    help = "{known}"


@code("ING703", name="route-test-variable-twice", severity=ERROR)
class RouteTestVariableTwice(Entry):
    """Two lines of a file give the same variable a value, so which one holds depends on the place.

    Fix: choose another name for one of them.
    """

    variable: str
    line: int
    summary = 'the variable "{variable}" is set in line {line} already'
    label = "set again here"
    help = "choose another name"


@code("ING704", name="route-test-without-host", severity=ERROR)
class RouteTestWithoutHost(Entry):
    """A test names a path alone, and no `host` line stands above it.

    Fix: write `host shop.example.com` above the test, or a whole URL in the test.
    """

    target: str
    summary = 'no host is known for "{target}"'
    label = "a path without a host"
    help = "write host shop.example.com above it, or http://shop.example.com{target}"


@code("ING705", name="route-test-without-expectation", severity=ERROR)
class RouteTestWithoutExpectation(Entry):
    """A test sends a request and says nothing of what should come of it.

    Fix: add what is expected, such as `-> shop/cart:8080` or `-> 404`.
    """

    target: str
    summary = 'nothing is expected of "{target}"'
    label = "this test can't fail"
    help = "add -> and what is expected, such as -> 404"


@code("ING706", name="route-test-detail-without-test", severity=ERROR)
class RouteTestDetailWithoutTest(Entry):
    """A line says more of a test, and there is no test above it that it could belong to.

    Lines that begin with `with`, `->` or `and` belong to the test above them; `with` below a `host`
    line belongs to all tests of the host. `and` needs a `->` before it.

    Fix: put the line below its test.
    """

    word: str
    summary = 'no test stands above this "{word}"'
    label = "belongs to nothing"
    help = "put it below the test that it belongs to"


@code("ING707", name="route-test-table-malformed", severity=ERROR)
class RouteTestTableMalformed(Entry):
    """A table of route tests has no form that can be read.

    The first row names the columns. Left of `->`: `path` (or `request`), `method`, `scheme`,
    `client`, `header NAME`, `cookie NAME`. `->` and right of it: `as`, `ingress`, `header NAME`,
    `upstream header NAME`. Every other row has as many cells as the first.

    Example: a row with five cells below a first row with four.

    Fix: correct the row at the place shown.
    """

    problem: str
    advice: str
    summary = "the table can't be read: {problem}"
    label = "here"
    help = "{advice}"


@code("ING708", name="route-test-value-invalid", severity=ERROR)
class RouteTestValueInvalid(Entry):
    """A value in a route test has no form that could ever be sent or come back.

    Example: a variable that stands where a backend is expected and has the value `cart`; a host
    with a space in it; a client that is no IP address.

    Fix: correct the value, or that of the variable in it.
    """

    what: str
    found: str
    wanted: str
    summary = '"{found}" is no {what}'
    label = "not of the form {wanted}"
    help = "write {wanted}"
