"""A firewall on real nginx with ModSecurity's module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.declarations.seclang import read_snippet
from ingc.nginx import Nginx
from tests.nginx.deciding import Verdict, deciding
from tests.nginx.harness import Site, serving
from tests.nginx.modules import with_module
from tests.nginx.seclang import Author
from tests.nginx.settings import config_map
from tests.objects import Object, ingress, prefix, rule

PREFIX = "nginx.ingress.kubernetes.io/"
SCANNER = (
    r'SecRule REQUEST_HEADERS:User-Agent "fern-scanner" '
    r'"log,deny,id:107,status:418,msg:\'Fern Scanner Identified\'"'
)
ATTACK = b"User-Agent: fern-scanner"


def guarded(name: str, snippet: str = "", host: str = "a.test", **asked: str) -> Object:
    """Return an Ingress with a firewall."""
    given = {"enable-modsecurity": "true", "modsecurity-snippet": snippet}
    given |= {key.replace("_", "-"): value for key, value in asked.items()}
    annotations = {PREFIX + key: value for key, value in given.items() if value}
    return ingress(name, rule(host, prefix("/", name)), annotations=annotations)


@contextmanager
def walled(nginx: Nginx, *objects: Object, **options: Any) -> Iterator[Site]:
    with serving(nginx, objects, with_module=with_module(nginx, "modsecurity"), **options) as site:
        yield site


def test_own_rules_refuse_and_hold_nowhere_else(nginx: Nginx) -> None:
    web = guarded("web", f"SecRuleEngine On\n{SCANNER}")
    free = ingress("free", rule("b.test", prefix("/", "free")))
    with walled(nginx, web, free) as site:
        assert site.ask("a.test", "/", ATTACK).status == 418
        assert site.who("a.test", "/") == "web"
        assert site.ask("b.test", "/", ATTACK).status == 200


def test_rules_of_the_operator_are_read_from_their_files(nginx: Nginx, tmp_path: Path) -> None:
    rules, owasp = tmp_path / "rules.conf", tmp_path / "owasp.conf"
    rules.write_text('SecRuleEngine On\nSecRule ARGS "@streq bad" "id:200100,deny,status:403"\n')
    owasp.write_text('SecRule ARGS "@streq worse" "id:900100,phase:2,deny,status:406"\n')
    files = {"modsecurity_rules": str(rules), "owasp_rules": str(owasp)}
    both = guarded("web", enable_owasp_core_rules="true")
    one = guarded("one", host="b.test")
    mixed = "Include /etc/nginx/modsecurity/modsecurity.conf\nSecRuleRemoveById 200100\n" + SCANNER
    less = guarded("less", mixed, host="c.test")
    with walled(nginx, both, one, less, **files) as site:
        assert site.ask("a.test", "/?x=bad").status == 403
        assert site.ask("a.test", "/?x=worse").status == 406
        assert site.ask("b.test", "/?x=bad").status == 403
        assert site.ask("b.test", "/?x=worse").status == 200
        assert site.ask("c.test", "/?x=bad").status == 200
        assert site.ask("c.test", "/?x=worse", ATTACK).status == 418


def test_rules_of_everybody_and_who_opts_out(nginx: Nginx, tmp_path: Path) -> None:
    owasp = tmp_path / "owasp.conf"
    owasp.write_text('SecRule ARGS "@streq worse" "id:900100,phase:2,deny,status:406"\n')
    keys = {
        "enable-modsecurity": "true",
        "enable-owasp-modsecurity-crs": "true",
        "modsecurity-snippet": f"SecRuleEngine On\nSecAuditLog {tmp_path}/audit.log\n{SCANNER}",
    }
    web = ingress("web", rule("a.test", prefix("/", "web")))
    out = guarded("out", host="b.test", enable_modsecurity="false")
    own = guarded("own", "SecRuleRemoveById 107", host="c.test")
    given = {"configmap": "ingress-nginx/settings", "owasp_rules": str(owasp)}
    with walled(nginx, web, out, own, config_map("settings", keys), **given) as site:
        assert site.ask("a.test", "/", ATTACK).status == 418
        assert site.ask("a.test", "/?x=worse").status == 406
        assert site.ask("b.test", "/?x=worse", ATTACK).status == 200
        assert site.ask("c.test", "/", ATTACK).status == 200
        assert site.ask("c.test", "/?x=worse").status == 406


def test_an_auth_service_and_its_answers_are_not_held_against_rules(nginx: Nginx) -> None:
    """Its requests are nginx's own; only the client's are the firewall's."""
    block = 'SecRule REQUEST_URI "@beginsWith /check" "id:5,phase:1,deny,status:418"'
    web = guarded("web", f"SecRuleEngine On\n{block}", auth_url="http://auth.test/check")
    with (
        deciding(lambda _: Verdict(200)) as auth,
        walled(nginx, web, outside={"auth.test": auth.port}) as site,
    ):
        assert site.ask("a.test", "/").status == 200
        assert site.ask("a.test", "/check").status == 418
        assert [item.target for item in auth.asked][:1] == ["/check"]


def test_detection_only_and_bodies(nginx: Nginx) -> None:
    body = 'SecRequestBodyAccess On\nSecRule ARGS_POST:a "@rx ^b+$" "id:9,phase:2,deny,status:418"'
    seen = guarded("seen", f"SecRuleEngine DetectionOnly\n{body}", host="b.test")
    form = b"Content-Type: application/x-www-form-urlencoded"
    with walled(nginx, guarded("web", f"SecRuleEngine On\n{body}"), seen) as site:
        assert site.ask("a.test", "/", form, method="POST", body=b"a=bbb").status == 418
        assert site.ask("a.test", "/", form, method="POST", body=b"a=c").status == 200
        assert site.ask("b.test", "/", form, method="POST", body=b"a=bbb").status == 200


def test_a_chain_and_what_is_written_anew(nginx: Nginx) -> None:
    """Quotes, backslashes, commas and dollars mean in nginx what the author wrote."""
    chain = (
        "SecRuleEngine On\n"
        'SecRule ARGS:a "@rx ^\\\\d+\\\\$$" \\\n'
        '   "id:1,phase:1,deny,status:418,chain"\n'
        "SecRule ARGS:b \"!@within one,two\" \"t:none,t:lowercase,setvar:'tx.x=a b',tag:'a, b'\"\n"
    )
    with walled(nginx, guarded("web", chain)) as site:
        assert site.ask("a.test", "/?a=12$&b=three").status == 418
        assert site.ask("a.test", "/?a=12$&b=one").status == 200
        assert site.ask("a.test", "/?a=12&b=three").status == 200


def test_the_transaction_is_called_as_requested(nginx: Nginx, tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.touch(mode=0o666)
    tmp_path.chmod(0o777)
    keys = {
        "enable-modsecurity": "true",
        "modsecurity-snippet": "SecRuleEngine On\nSecAuditEngine On\nSecAuditLogType Serial\n"
        f"SecAuditLogParts A\nSecAuditLogFormat JSON\nSecAuditLog {log}",
    }
    web = guarded("web", modsecurity_transaction_id="id-$http_x_own")
    given = {"configmap": "ingress-nginx/settings"}
    with walled(nginx, web, config_map("settings", keys), **given) as site:
        assert site.ask("a.test", "/", b"X-Own: seven").status == 200
    assert '"unique_id":"id-seven"' in log.read_text()


@pytest.mark.parametrize("ids", [(107, 107), (3, 4)])
def test_nginx_starts_whatever_ids_authors_choose(nginx: Nginx, ids: tuple[int, int]) -> None:
    """Two Ingresses may have rules of one id: each location has its own."""
    texts = [f'SecRuleEngine On\nSecRule ARGS "bad" "id:{i},deny,status:418"' for i in ids]
    one, two = guarded("one", texts[0]), guarded("two", texts[1], host="b.test")
    with walled(nginx, one, two) as site:
        assert site.ask("a.test", "/?x=bad").status == 418
        assert site.ask("b.test", "/?x=bad").status == 418


def test_nginx_starts_with_whatever_is_accepted(nginx: Nginx) -> None:
    """ModSecurity's reader has bugs; nobody may keep nginx from starting by them."""
    author, accepted, refused = Author(17), [], 0
    while len(accepted) < 150:
        text = author.snippet()
        try:
            read_snippet(text, trusted=False)
        except BadValue:
            refused += 1
        else:
            accepted.append(guarded(f"web-{len(accepted)}", text, f"h{len(accepted)}.test"))
    assert refused
    with walled(nginx, *accepted) as site:
        assert site.ask("unknown.test", "/").status == 404
