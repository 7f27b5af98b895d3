"""What is wrong with another object is counted as that of the Ingresses that name it."""

from __future__ import annotations

from ingc.migrate import Fate
from tests.migrate.reports import config_map, fate_of, report, shop, web
from tests.objects import prefix, service


def test_a_service_that_needs_a_resolver_concerns_its_ingresses() -> None:
    outside = service("old", {"port": 80}, namespace="shop", externalName="old.example.com")
    outside["spec"]["type"] = "ExternalName"
    there = shop(prefix("/old", "old"), name="shop/there")
    found = report([shop(), there, outside, web()])
    assert (fate_of(found), fate_of(found, "shop/there")) == (Fate.SAME, Fate.DECISION)
    (item,) = [item for item in found.concerns if item.code == "ING324"]
    assert (item.ingresses, item.spots[0].spot.object) == (1, "Service shop/old")


def test_a_config_map_of_headers_is_no_table_of_settings() -> None:
    bad = config_map("shop/headers", X_Bad="a\nb")
    allowed = config_map("ingress-nginx/c", global_allowed_response_headers="X-Other")
    found = report(
        [shop(**{"custom-headers": "shop/headers"}), bad, allowed, web()],
        configmap="ingress-nginx/c",
    )
    assert fate_of(found) is Fate.REFUSED
    assert [table.name for table in found.config_maps] == ["ConfigMap ingress-nginx/c"]
