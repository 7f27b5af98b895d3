"""What modules beyond stock do around servers: each line of it that is wrong is reported."""

from __future__ import annotations

import pytest

from tests.golden.case import ROOT, Case
from tests.prove.test_readers import printed, proved

ALL = "modules/headers-brotli-and-geography"
SPANS = "tracing/spans-of-a-route"
TEXTS = "snippets/text-of-answers-is-replaced"
WALL = "modsecurity/firewall-of-everybody"
_MODULE = "load_module /usr/lib/nginx/modules/ngx_http_brotli_filter_module.so;\n"
_OWASP = "    modsecurity_rules_file /etc/nginx/owasp-modsecurity-crs/nginx-modsecurity.conf;\n"
_OWN = "    modsecurity_rules_file /etc/nginx/modsecurity/modsecurity.conf;\n"
_CODE = '        $geoip2_country_code "source=$remote_addr" country iso_code;\n'

_FIRST = "            sub_filter http://old.test/ $scheme://$host/;\n"
_SECOND = '            sub_filter </head> \'<meta name="from" content="web"></head>\';\n'
_ONCE = "            sub_filter_once off;\n"
_PASSED = "            proxy_pass http://shop_web_80;\n"

CASES = (
    (TEXTS, _FIRST, "", "Tuning sub_filter"),
    (TEXTS, _SECOND, "", "Tuning sub_filter"),
    (TEXTS, _FIRST + _SECOND, _SECOND + _FIRST, "Tuning sub_filter"),
    (TEXTS, _FIRST, _FIRST * 2, "Tuning sub_filter"),
    (TEXTS, _FIRST, _FIRST.replace("$host", "$http_host"), "Tuning sub_filter"),
    (TEXTS, 'content="web"', 'content="wib"', "Tuning sub_filter"),
    (TEXTS, _ONCE, "", "should be sub_filter_once off"),
    (TEXTS, _ONCE, _ONCE.replace("off", "on"), "Tuning sub_filter_once"),
    (TEXTS, "text/css", "text/xml", "Tuning sub_filter_types"),
    (TEXTS, '            sub_filter of-the-server "";\n', "", "should be sub_filter of"),
    (
        TEXTS,
        _PASSED,
        "            sub_filter_last_modified off;\n" + _PASSED,
        "sub_filter_last_mod",
    ),
    (ALL, _MODULE, "", "Settings.modules"),
    (ALL, _MODULE, _MODULE + "load_module /tmp/evil.so;\n", "Settings.modules"),
    (ALL, "brotli_comp_level 6;", "brotli_comp_level 7;", "brotli_comp_level in http"),
    (ALL, "    brotli on;\n", "", "brotli in http"),
    (ALL, "    more_clear_headers Server;\n", "", "more_clear_headers in http"),
    (ALL, "more_clear_headers Server;", "more_clear_headers Date;", "more_clear_headers in http"),
    (ALL, "            proxy_pass", "            brotli off;\n            proxy_pass", "Tuning"),
    (ALL, _CODE, "", "Policies.databases"),
    (ALL, _CODE, _CODE.replace("country iso_code", "continent code"), "Policies.databases"),
    (ALL, _CODE, _CODE.replace("$remote_addr", "$http_x_own"), "Policies.databases"),
    (ALL, "auto_reload 30m;", "auto_reload 31m;", "Policies.databases"),
    (ALL, "GeoLite2-ASN.mmdb", "GeoLite2-City.mmdb", "Policies.databases"),
    (SPANS, "keepalive_min_timeout 30s;", "keepalive_min_timeout 0;", "keepalive_min_timeout"),
    (SPANS, "    keepalive_min_timeout 30s;\n", "", "keepalive_min_timeout in http"),
    (SPANS, "otel_service_name nginx;", "otel_service_name other;", "Policies.exporter.service"),
    (SPANS, "endpoint otel-collector", "endpoint evil", "Policies.exporter.endpoint"),
    (SPANS, "interval 5000ms;", "interval 5001ms;", "Policies.exporter.interval"),
    (SPANS, "batch_size 512;", "batch_size 511;", "Policies.exporter.batch_size"),
    (SPANS, "batch_count 4;", "", "Policies.exporter.batch_count"),
    (SPANS, "5% on;", "6% on;", "Traced.share"),
    (SPANS, '"" $ingc_otel_drawn;', '"" on;', "Traced.share"),
    (SPANS, "default $otel_parent_sampled;", "default on;", "Traced.parent_based"),
    (SPANS, "otel_trace $ingc_otel_sampled;", "otel_trace on;", "Traced.parent_based"),
    (SPANS, "otel_trace_context inject;", "otel_trace_context propagate;", "Traced.trusting"),
    (SPANS, "            otel_trace_context inject;\n", "", "Traced.trusting"),
    (SPANS, "otel_span_name checkout;", "otel_span_name other;", "Traced.name"),
    (SPANS, "    server_tokens off;", "    server_tokens off;\n    otel_trace on;", "Traced"),
    (WALL, _OWASP, "", "Policies.firewall_rules"),
    (WALL, _OWN + _OWASP, _OWASP + _OWN, "Policies.firewall_rules"),
    (WALL, _OWN, _OWN + "    modsecurity on;\n", "Firewall.rules"),
    (WALL, "            modsecurity on;\n", "", "Firewall"),
    (WALL, "            modsecurity on;\n", "            modsecurity off;\n", "Firewall"),
)


@pytest.mark.parametrize(("case", "line", "instead", "field"), CASES)
def test_a_wrong_line_is_reported(case: str, line: str, instead: str, field: str) -> None:
    config = Case(ROOT / case).result.ir
    assert config is not None
    text = printed(config)
    assert line in text
    assert proved(text, config) == []
    found = proved(text.replace(line, instead, 1), config)
    assert any(field in item for item in found), found
