"""Generated clusters: tenants, each with a few Ingresses that collide with one another.

A tenant has a domain of its own, so that one nginx can serve many of them; one tenant of a cluster
may also have rules without a host. Every path has a Service of its own, which names the route.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import count

from hypothesis import strategies as st

from tests.clusters import ABNORMAL, ELEMENTS
from tests.nginx.three_way import guards
from tests.nginx.three_way.case import Cluster
from tests.nginx.three_way.draining import DRAIN
from tests.objects import Object, annotated, backend, exact, ingress, rule, tls

DOMAIN = "t?.test"
_HOSTS = (
    *(DOMAIN, DOMAIN, DOMAIN, f"*.{DOMAIN}", f"*.{DOMAIN}", f"a.{DOMAIN}", f"www.{DOMAIN}"),
    *(f"*.a.{DOMAIN}", f"b.a.{DOMAIN}", f"*.b.a.{DOMAIN}", f"www.a.{DOMAIN}"),
)
_SHAPES = (
    *("/a(/|$)(.*)", "/(a|b)/(.*)", "/(.*)", "/a/?(.*)", "/a(/.*)?", "/a.b", "/A[0-9]*$"),
    *("/a|/b", "/(?s)(.).(.*)", "/[^/]+/(b)", "/a", "/b/", "/", "/b$", "/a{2}", "/(?:a)+\\/b"),
    *("/foo(/|$)(.*)", "/foo/?(.*)", "/foo", "/(?i)foo/é", "/foo[/]?bar", "/[a-f]oo/(.*)/x"),
)
TARGETS = ("/", "/$1", "$1", "$1", "/x/$2$1", "/$2", "/a", "/b/", "/x.$1/../y", "/n?q=$1", "/m?")
"""Values of ``rewrite-target``."""
URL_TARGETS = ("https://r.test/$1", "http://r.test/$2?x=y")
_REGEX: tuple[dict[str, str], ...] = (
    {"use-regex": "true"},
    *({"rewrite-target": target} for target in (*TARGETS, *URL_TARGETS)),
)
_MORE: tuple[dict[str, str], ...] = (
    {"permanent-redirect": "https://r.test/?a=b"},
    {"permanent-redirect": "/new", "permanent-redirect-code": "308"},
    {"permanent-redirect": "/new", "relative-redirects": "true"},
    {"permanent-redirect": "/new", "use-port-in-redirects": "true"},
    {"temporal-redirect": "http://r.test:81/"},
    {"temporal-redirect": "/later"},
    {"ssl-redirect": "false"},
    {"force-ssl-redirect": "true"},
    {"force-ssl-redirect": "true", "preserve-trailing-slash": "true"},
    {"ssl-redirect": "true", "use-port-in-redirects": "true"},
    *({"app-root": path} for path in ("/foo", "/a?b", "/b/", "/foo/bar")),
    *[{"server-alias": f"c.{DOMAIN}"}] * 2,
    {"server-alias": f"*.c.{DOMAIN},a.{DOMAIN}"},
    {"server-alias": r"~^d[0-9]\.t?\.test$"},
    *[{"from-to-www-redirect": "true"}] * 4,
    {"upstream-vhost": "in.test"},
    {"x-forwarded-prefix": "/p/$1"},
    *[{"enable-cors": "true", "cors-allow-origin": "https://o.test, https://*.p.test"}] * 3,
    {"affinity": "cookie"},
    {"custom-http-errors": "not a number"},
)
_CANARY: tuple[dict[str, str], ...] = (
    {"canary-by-header": "X-Canary"},
    {"canary-by-header": "X-Canary", "canary-by-header-value": "v1"},
    {"canary-by-header": "X-Canary", "canary-by-header-pattern": "^v[0-9]"},
    {"canary-by-cookie": "canary"},
    {"canary-weight": "30"},
    {"canary-weight": "100"},
    {"canary-weight": "0"},
    {"canary-by-header": "X-Canary", "canary-by-cookie": "canary", "canary-weight": "50"},
)
_GROUPS = (
    *(None, None, None, _MORE, _MORE, _MORE, _MORE, _MORE, guards.ACCESS, guards.CERTIFICATES),
    *(guards.CERTIFICATES, guards.AUTH, guards.LIMITS, guards.ERRORS),
)
_PREFIX = "nginx.ingress.kubernetes.io/"
_TIMES = (None, None, "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z")
_KINDS = ("Prefix", "Prefix", "Exact", "ImplementationSpecific")

_literal_paths = st.builds(
    lambda elements, slash: "/" + "/".join(elements) + ("/" if slash and elements else ""),
    st.lists(st.one_of(st.just("foo"), st.sampled_from(ELEMENTS)), max_size=3),
    st.booleans(),
)
_typed_paths = st.one_of(
    st.tuples(_literal_paths, st.sampled_from(_KINDS)),
    st.tuples(_literal_paths, st.sampled_from(_KINDS)),
    st.tuples(_literal_paths, st.sampled_from(_KINDS)),
    st.tuples(st.sampled_from(ABNORMAL), st.just("ImplementationSpecific")),
)
_regex_paths = st.tuples(
    st.one_of(st.sampled_from(_SHAPES), st.sampled_from(_SHAPES), _literal_paths),
    st.sampled_from((*_KINDS, "ImplementationSpecific", "ImplementationSpecific")),
)
_Annotations = guards.Annotations


@st.composite
def _annotations(draw: st.DrawFn, regex: bool) -> _Annotations:
    found: _Annotations = dict(draw(st.sampled_from(_REGEX))) if regex else {}
    group = draw(st.sampled_from(_GROUPS))
    if group is not None:
        found |= draw(st.sampled_from(group))
    if draw(st.integers(0, 7)) == 0:
        found["enable-global-auth"] = "false"
    return found


@st.composite
def _ingress(draw: st.DrawFn, hosts: tuple[str | None, ...], regex: bool) -> Object:
    paths = _regex_paths if regex else _typed_paths
    rules = draw(
        st.lists(
            st.tuples(st.sampled_from(hosts), st.lists(paths, min_size=1, max_size=5)),
            min_size=1,
            max_size=2,
        )
    )
    named = [host for host, _ in rules if host is not None]
    found = draw(_annotations(regex))
    usual = ("cert",) if "auth-tls-secret" in found else (None, None, "cert", "cert", "none")
    secured = draw(st.sampled_from(usual)) if named else None
    namespace = draw(st.sampled_from((None, None, "other")))
    return ingress(
        "?",
        *(
            rule(host, *({"path": p, "pathType": t, "backend": backend("?")} for p, t in paths))
            for host, paths in rules
        ),
        default="?" if draw(st.integers(0, 3)) == 0 else None,
        tls=[tls(*draw(st.sampled_from((named, named[:1]))), by=secured)] if secured else (),
        created=draw(st.sampled_from(_TIMES)),
        namespace=namespace,
        annotations={
            f"{_PREFIX}{key}": text.replace("{namespace}", namespace or "default")
            for key, text in found.items()
        },
    )


@st.composite
def _tenant(draw: st.DrawFn, hosts: tuple[str | None, ...] = _HOSTS) -> list[Object]:
    """Draw Ingresses without names, and with Services called ``?``."""
    regex = draw(st.sampled_from((False, False, True)))
    found = [
        draw(_ingress(hosts, regex and draw(st.booleans()))) for _ in range(draw(st.integers(1, 4)))
    ]
    if draw(st.integers(0, 2)) == 0:
        found.append(_canary_of(draw(st.sampled_from(found)), draw(st.sampled_from(_CANARY))))
    return draw(st.permutations(found)) if len(found) > 1 else found


def _canary_of(primary: Object, values: _Annotations) -> Object:
    """Return a canary for the rules of an Ingress."""
    made = copy.deepcopy(primary)
    spec = made["spec"]
    spec.pop("tls", None)
    spec.pop("defaultBackend", None)
    kept = {
        key: value
        for key, value in made["metadata"]["annotations"].items()
        if key.endswith(("use-regex", "rewrite-target"))
    }
    told = {name.replace("-", "_"): value for name, value in values.items()}
    made["metadata"]["annotations"] = kept | annotated(canary="true", **told)
    return made


def _named(drawn: list[Object], domain: str, prefix: str) -> Iterator[Object]:
    """Give a tenant its domain, each Ingress a name, and each path a Service of its own."""
    numbers = count()
    for number, item in enumerate(drawn):
        made: Object = _in_domain(item, domain)
        made["metadata"]["name"] = f"{prefix}{'mbxakz'[number]}"
        _drain(made)
        for found in backends(made):
            found["service"]["name"] = f"{prefix}s{next(numbers)}"
        yield made


def _drain(item: Object) -> None:
    """Give an Ingress with a low limit a host where it is used up before a run."""
    annotations = item["metadata"]["annotations"]
    given = {(key.removeprefix(_PREFIX), value) for key, value in annotations.items()}
    if guards.LOW & given:
        annotations[f"{_PREFIX}ssl-redirect"] = "false"
        if annotations.pop(f"{_PREFIX}rewrite-target", None) is not None:
            annotations[f"{_PREFIX}use-regex"] = "true"  # without a rewrite that leaves no path
        item["spec"]["rules"].append(rule(item["metadata"]["name"] + DRAIN, exact("/", "?")))


def _in_domain(found: Object, domain: str) -> Object:
    def filled(value: object) -> object:
        if isinstance(value, str):
            return value.replace(DOMAIN, domain).replace(
                DOMAIN.replace(".", "\\."), domain.replace(".", "\\.")
            )
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        return [filled(item) for item in value] if isinstance(value, list) else value

    made = filled(found)
    assert isinstance(made, dict)
    return made


def backends(item: Object) -> Iterator[Object]:
    """Yield every backend of an Ingress."""
    spec = item["spec"]
    for found in spec.get("rules", ()):
        for path in found.get("http", {}).get("paths", ()):
            yield path["backend"]
    if "defaultBackend" in spec:
        yield spec["defaultBackend"]


@st.composite
def clusters(draw: st.DrawFn, *, tenants: int) -> Cluster:
    """Draw a cluster of so many tenants, one of them with rules without a host."""
    drawn = [draw(_tenant((*_HOSTS[:4], None, None, None)))]
    drawn += [draw(_tenant()) for _ in range(tenants - 1)]
    found = [
        item
        for number, tenant in enumerate(drawn)
        for item in _named(tenant, f"t{number}.test", f"t{number}")
    ]
    errors = draw(st.sampled_from(guards.GLOBAL_ERRORS))
    front, auth = (draw(st.sampled_from(some)) for some in (guards.FRONTS, guards.GLOBAL_AUTH))
    return Cluster(
        tuple(found),
        default_backend=draw(st.booleans()) or bool(errors),
        default_certificate=draw(st.sampled_from((False, False, True))),
        settings=tuple({**front, **errors, **auth}.items()),
    )
