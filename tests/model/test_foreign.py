"""Configurations that nobody compiled: the model and real nginx answer each request alike."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ingc.model import Model, NotModelled, Outcome, Request, read_model
from ingc.model.known import strange
from ingc.model.tree import Statement
from ingc.nginx import Nginx
from ingc.prove.parsing import RefusedText, parse
from ingc.target import DIRECTIVES
from tests.nginx.bare import Talk, bare
from tests.nginx.harness import as_ourselves, responder_socket
from tests.nginx.wire import Response, get


@dataclass(frozen=True)
class Case:
    """What stands in ``http``, and the requests: host and target."""

    name: str
    http: str
    requests: tuple[tuple[str, str], ...]


def paths(*targets: str, host: str = "a.test") -> tuple[tuple[str, str], ...]:
    return tuple((host, target) for target in targets)


CASES = (
    Case(
        "a regex beats a prefix, but for one that forbids it",
        "server { LISTEN server_name a.test;"
        " location / { return 200 root; } location ^~ /no/ { return 200 no; }"
        " location = /re/x { return 200 exact; } location /re/long/ { return 200 long; }"
        " location ~ ^/re/(.*)$ { return 200 r:$1; } location ~* /PHP$ { return 200 php; } }",
        paths("/", "/re/x", "/re/long/y", "/re/", "/no/x.php", "/no/php", "/x/php", "/x/Php/"),
    ),
    Case(
        "regexes of an inner location come first",
        "server { LISTEN server_name a.test; location ~ b$ { return 200 outer; }"
        " location /in/ { location ~ b$ { return 200 inner; }"
        " location /in/deep/ { return 200 deep; }"
        " return 200 in; } location / { return 200 root; } }",
        paths("/in/b", "/in/c", "/in/deep/b", "/in/deep/c", "/b", "/c"),
    ),
    Case(
        "names: exact, leading and trailing wildcards, regexes, the default",
        "server { LISTEN server_name _; return 200 none; }"
        "server { LISTEN server_name a.test *.b.test; return 200 first; }"
        "server { LISTEN server_name *.x.b.test www.c.*; return 200 second; }"
        "server { LISTEN server_name ~^(?<who>[a-z]+)[.]d[.]test$; return 200 re:$who; }"
        "server { LISTEN server_name .e.test; return 200 dotted; }",
        tuple(
            (host, "/")
            for host in (
                *("a.test", "A.TEST.", "a.test:81", "q.b.test", "q.r.b.test", "q.x.b.test"),
                *("b.test", "www.c.org", "www.c.x.y", "joe.d.test", "j.e.test", "e.test", "zz"),
            )
        ),
    ),
    Case(
        "a proxied name with a slash at its end redirects to itself",
        "server { LISTEN server_name a.test; location /p/ { proxy_pass http://n_one_80; }"
        " location /q { proxy_pass http://n_two_80/new/; }"
        " location = /e/ { proxy_pass http://n_one_80; }"
        " location /u/ { proxy_pass http://n_two_80/new/; } location / { return 404; } }",
        paths(
            "/p", "/p?a=b", "/p/x%20y?z", "/q", "/qx/a%2Fb", "/e", "/e/", "/u", "/u/a%41?b", "/u/"
        ),
    ),
    Case(
        "rewrites: flags, captures, queries, a second search",
        "server { LISTEN server_name a.test; rewrite ^/old/(.*)$ /new/$1;"
        " location /new/ { proxy_pass http://n_one_80; }"
        " location /last/ { rewrite ^/last/(.*)$ /new/$1?x=1 last; }"
        " location /stay/ { rewrite ^/stay/(.*)$ /y/$1 break; proxy_pass http://n_two_80; }"
        " location /drop/ { rewrite ^ /z? break; proxy_pass http://n_two_80; }"
        " location /away { rewrite ^/away(.*)$ /moved$1 permanent; }"
        " location /loop { rewrite ^ /loop/x last; } location / { return 404; } }",
        paths("/old/a%20b?q", "/last/c", "/last/c?d", "/stay/%41%2f?e", "/drop/f?g", "/away/h?i")
        + paths("/loop", "/new/%41"),
    ),
    Case(
        "if, set and maps decide",
        "map $http_host $m { default d; a.test one; ~^b two; } map $uri $n { ~^/(?<v>[0-9]+) $v; }"
        "server { LISTEN server_name a.test b.test; set $x $arg_who;"
        " if ($x = joe) { return 201 $m; }"
        " if ($request_uri ~ ^/deny(.*)) { return 403; } if ($n) { return 202 $n; }"
        " location / { if ($arg_go) { rewrite ^ /elsewhere last; } return 200 $m; }"
        " location = /elsewhere { return 204; } }",
        paths("/?who=joe", "/?who=jo", "/deny/x", "/7/8", "/0", "/?go=1", "/?go=0")
        + paths("/", host="b.test"),
    ),
    Case(
        "a volatile map is looked up again by each text, and once by one text",
        "map $left $a { volatile; ~^(?<one>.)(?<left>.*) <$one>; default -; }"
        "map $left $b { volatile; ~^(?<one>.)(?<left>.*) [$one]; default -; }"
        "map $left $c { volatile; '' ''; default $a$b; }"
        "map $left $d { volatile; '' ''; default $a$b; }"
        "map $request_uri $named_twice { ~^(?<left>.*) $a$b$a; }"
        "map $request_uri $by_texts { ~^(?<left>.*) $c$d$c; }"
        "map $request_uri $what_is_left { ~^(?<left>.*) $c$left; }"
        "server { LISTEN location / { return 302 http://t/$by_texts|$by_texts; }"
        " location /t { return 302 http://t/$named_twice; }"
        " location /l { return 302 http://t/$what_is_left; }"
        " location /s { set $p $by_texts; set $q x$by_texts; return 302 http://t/$p|$q|$left; } }",
        paths("/", "/1", "/12", "/123", "/1234567", "/t", "/ttt", "/l", "/llll", "/s"),
    ),
    Case(
        "redirects are completed, or not",
        "server { LISTEN server_name a.test; "
        " location /abs { return 302 http://b.test$request_uri; }"
        " location /rel { absolute_redirect off; return 301 /to; } location /code { return 204; }"
        " location / { return 404; } }",
        paths("/abs/x?y", "/rel", "/code", "/none"),
    ),
)
UPSTREAMS = "".join(
    f"upstream n_{name}_80 {{ server unix:{responder_socket()}; }}" for name in ("one", "two")
)
TOLD = "proxy_set_header X-Ingc-Upstream $proxy_host;"


def model_of(http: str, version: tuple[int, int, int] = (1, 26, 0)) -> Model:
    parsed = parse(f"events {{ }}\nhttp {{\n{http}\n}}\n")
    assert not isinstance(parsed, RefusedText), parsed
    return read_model(parsed, version)


def seen(response: Response) -> tuple[object, ...]:
    location = response.header("Location")
    if response.header("Content-Type") != "application/json":
        return response.status, location
    story = response.json()
    return 200, location, story["service"], story["request"]["target"]


def foretold(outcome: Outcome) -> tuple[object, ...]:
    if outcome.upstream is None:
        return outcome.status, outcome.location
    _, name, _ = outcome.upstream.split("_")
    return 200, None, f"n/{name}", outcome.target.decode("latin-1")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_model_and_nginx_agree(nginx: Nginx, case: Case) -> None:
    http = UPSTREAMS + TOLD + case.http
    with bare(nginx, http, directives=as_ourselves()) as socket, Talk(socket) as talk:
        model = model_of(http.replace("LISTEN", f"listen unix:{socket};"), nginx.version)
        for host, target in case.requests:
            asked = Request(host.encode(), target.encode())
            found = seen(talk.ask(get(target, host)))
            assert foretold(model.outcome(asked)) == found, (host, target)


SERVER = "server { listen 80; merge_slashes off;\n"
UNKNOWN = (
    ("location / { try_files $uri /x; } }", 4, "try_files"),
    ("location / { return 200 $geoip_city; } }", 4, "geoip_city"),
    ("location / {\nif (-f $uri) { return 404; } } }", 5, "-f"),
    ("location / {\nlimit_except GET { deny all; } proxy_pass http://a; } }", 5, "limit_except"),
    ("location /in/ {\nstub_status; location /in/x { return 200; } }}", 5, "stub_status"),
    ("include more.conf; location / { return 200; } }", 4, "include"),
    ("location / { error_page 404 @none;\nreturn 404; } }", 4, "@none"),
    ("location / { root html;\nindex $host.html; try_files $uri =404; } }", 5, "try_files"),
    ("location /in { rewrite ^ /x break;\nalias /y/; } }", 5, "alias"),
    ("location / { proxy_pass http://$secret; } } ", 4, "secret"),
    ("location / { secure_link_md5 x; return 200; } }", 4, "secure_link_md5"),
    ("if ($host ~ a) { return 200; }\nreturn 200 $realip_remote_addr; }", 5, "realip"),
)


@pytest.mark.parametrize(("server", "line", "what"), UNKNOWN, ids=[row[2] for row in UNKNOWN])
def test_what_is_not_modelled_is_named(server: str, line: int, what: str) -> None:
    model = model_of(SERVER + server)
    with pytest.raises(NotModelled) as found:
        model.outcome(Request(b"b.test", b"/in/x"))
    assert what in found.value.what
    assert found.value.line == line


CHANGING = (
    "map $left $a { volatile; ~^(?<one>.)(?<left>.*) $one; } map $left $b { volatile; default $a; }"
)


@pytest.mark.parametrize("text", ["$left$a", "$1$a", "x$a$b", "$left-$b"])
def test_a_text_of_which_one_part_changes_another_is_not_modelled(text: str) -> None:
    served = f"map $uri $c {{ ~^(?<left>(.*)) {text}; }} server {{ listen 80;"
    model = model_of(f"{CHANGING}\n{served} return 200 $c; }}")
    with pytest.raises(NotModelled) as found:
        model.outcome(Request(b"a.test", b"/abc"))
    assert (found.value.line, f'"{text}"' in found.value.what) == (4, True)


@pytest.mark.parametrize("directive", ["set $x $a;", "rewrite ^ /$a break;", "rewrite ^ /?$a;"])
def test_the_rewrite_module_looks_a_volatile_map_up_twice(directive: str) -> None:
    given = f"server {{ listen 80; set $left abc; set $x y;\n{directive} return 200 $x; }}"
    for maps, known in ((CHANGING, False), ("map $left $a { volatile; ~^(.) $1; }", True)):
        model = model_of(f"{maps}\n{given}")
        if known:
            assert model.outcome(Request(b"a.test", b"/")).server_line == 4
            continue
        with pytest.raises(NotModelled) as found:
            model.outcome(Request(b"a.test", b"/"))
        assert (found.value.line, "which changes while" in found.value.what) == (5, True)


def test_slashes_that_are_kept_are_not_modelled() -> None:
    model = model_of(SERVER + "location / { return 200; } }")
    assert model.outcome(Request(b"a.test", b"/a/./b?c=//d")).status == 200
    for target in (b"//a", b"/a%2F/b", b"/a//../b"):
        with pytest.raises(NotModelled) as found:
            model.outcome(Request(b"a.test", target))
        assert (found.value.line, "merge_slashes" in found.value.what) == (3, True)


@pytest.mark.parametrize("block", ["ranges", "proxy 10.0.0.1", "delete 10.0.0.1"])
def test_a_geo_with_more_is_not_modelled(block: str) -> None:
    model = model_of(f"geo $x {{\n{block};\n}} server {{ listen 80; return 200 $x; }}")
    with pytest.raises(NotModelled) as found:
        model.outcome(Request(b"a.test", b"/"))
    assert (found.value.line, block.split(maxsplit=1)[0] in found.value.what) == (4, True)


@pytest.mark.parametrize("context", ["http", "server", "location", "if"])
def test_every_directive_that_is_printed_is_known(context: str) -> None:
    printed = [name for name, spec in DIRECTIVES.items() if context in spec.contexts]
    block = tuple(Statement(name, ("x",), 0) for name in printed)
    assert strange(Statement(context, (), 0, block)) is None


def test_without_files_the_path_of_a_file_is_told() -> None:
    model = model_of(
        "server { listen 80; root /srv; location /a/ { alias /data/$host/; }"
        " location /b/ { location ~ [.]x$ { root /x; } } }"
    )
    found = [
        model.outcome(Request(b"h.test", target)) for target in (b"/a/b%20c", b"/b/c", b"/b.x")
    ]
    assert [item.file for item in found] == [b"/data/h.test/b c", b"/srv/b/c", b"/srv/b.x"]
    assert {item.status for item in found} == {None}


def test_what_chance_decides_is_one_of_the_outcomes(nginx: Nginx) -> None:
    http = (
        "split_clients $uri $side { 30% left; 30% right; * middle; }"
        "server { LISTEN server_name a.test; if ($side = left) { return 403; }"
        " location / { return 200 $side; } }"
    )
    found = set()
    with bare(nginx, http) as socket, Talk(socket) as talk:
        model = model_of(http.replace("LISTEN", f"listen unix:{socket};"), nginx.version)
        for number in range(40):
            response = talk.ask(get(f"/{number}", "a.test"))
            text = response.body if response.status == 200 else None
            outcomes = model.outcomes(Request(b"a.test", b"/%d" % number))
            told = {(item.status, item.text): odds for odds, item in outcomes}
            assert (response.status, text) in told
            assert [round(odds, 2) for odds in told.values()] == [0.3, 0.3, 0.4]
            found.add((response.status, text))
    assert len(found) == 3
