"""What an Ingress's firewall is, and how it depends on that of everybody."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.modules import RulesFile, RulesText
from tests.objects import config_map, ingress, prefix, rule

PREFIX = "nginx.ingress.kubernetes.io/"
RULES, OWASP = "/rules.conf", "/owasp.conf"
ENABLED = {"enable-modsecurity": "true"}


def compiled(
    asked: dict[str, str], keys: dict[str, str] | None = None, **options: Any
) -> ingc.Result:
    annotations = {PREFIX + key: value for key, value in asked.items()}
    objects = [ingress("web", rule("a.test", prefix("/", "web")), annotations=annotations)]
    given: dict[str, Any] = {"with_module": ("modsecurity",), "resolve_at_start": ("*",)}
    if keys is not None:
        objects.append(config_map("settings", keys, "ops"))
        given["configmap"] = "ops/settings"
    files = {"modsecurity_rules": RULES, "owasp_rules": OWASP}
    return ingc.compile(objects, ingc.Options(**{**given, **files, **options}))


def firewall(result: ingc.Result) -> Firewall | None:
    assert result.ok, [item.message for item in result.errors]
    assert result.ir is not None
    return result.ir.hosts[1].routes[0].feature(Firewall)


def shared(result: ingc.Result) -> object:
    assert result.ir is not None
    return result.ir.settings.policies.firewall_rules


def test_rules_of_the_operator_hold_without_own_ones() -> None:
    assert firewall(compiled({})) is None
    assert firewall(compiled({"enable-modsecurity": "false"})) is None
    assert firewall(compiled(ENABLED)) == Firewall((RulesFile(RULES),))
    both = {**ENABLED, "enable-owasp-core-rules": "true"}
    assert firewall(compiled(both)) == Firewall((RulesFile(RULES), RulesFile(OWASP)))
    own = {**both, "modsecurity-snippet": "SecRuleEngine On"}
    wanted = (RulesText("SecRuleEngine On\n"), RulesFile(OWASP))
    assert firewall(compiled(own)) == Firewall(wanted)


def test_what_holds_for_everybody_is_not_repeated() -> None:
    keys = {**ENABLED, "enable-owasp-modsecurity-crs": "true"}
    result = compiled({"enable-owasp-core-rules": "true"}, keys)
    assert firewall(result) == Firewall(())
    assert shared(result) == (RulesFile(RULES), RulesFile(OWASP))
    assert firewall(compiled({"enable-modsecurity": "false"}, keys)) is None
    snippet = compiled({}, {**ENABLED, "modsecurity-snippet": "SecRuleEngine DetectionOnly"})
    assert shared(snippet) == (RulesText("SecRuleEngine DetectionOnly\n"),)


def test_core_rules_are_not_lost_where_the_configmap_enables_nothing() -> None:
    """ingress-nginx takes them for loaded, and loads them nowhere."""
    both = {**ENABLED, "enable-owasp-core-rules": "true"}
    result = compiled(both, {"enable-owasp-modsecurity-crs": "true"})
    assert firewall(result) == Firewall((RulesFile(RULES), RulesFile(OWASP)))
    assert shared(result) == ()


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        (ENABLED, "modsecurity_rules"),
        ({**ENABLED, "enable-owasp-core-rules": "true"}, "owasp_rules"),
        (
            {
                **ENABLED,
                "modsecurity-snippet": "Include /etc/nginx/modsecurity/modsecurity.conf",
            },
            "modsecurity_rules",
        ),
    ],
)
def test_rules_that_are_nowhere_are_an_error(asked: dict[str, str], missing: str) -> None:
    for result in (compiled(asked, **{missing: None}), compiled({}, asked, **{missing: None})):
        if "enable-owasp-core-rules" in asked and result.options and result.options.configmap:
            continue  # that is no key
        assert [item.code for item in result.errors] == ["ING497"]


def test_an_id_of_everybodys_is_taken() -> None:
    line = 'SecRule ARGS "bad" "id:7,deny"'
    own, keys = {"modsecurity-snippet": line}, {**ENABLED, "modsecurity-snippet": line}
    assert [item.code for item in compiled(own, keys).errors] == ["ING498"]
    assert compiled({**ENABLED, **own}, {"modsecurity-snippet": line}).ok


def test_njs_is_not_loaded_and_a_note_says_so() -> None:
    result = compiled({}, with_module=("modsecurity", "njs=/njs.so"))
    assert [item.code for item in result.diagnostics if item.code != "ING320"] == ["ING499"]
    assert "njs" not in (result.config or "")
