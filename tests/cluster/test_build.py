"""The go.mod that Kubernetes is built by."""

from __future__ import annotations

from tests.cluster.build import module_text

PUBLISHED = """module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require (
\tgithub.com/spf13/pflag v1.0.9
\tk8s.io/api v0.0.0
\tk8s.io/kube-openapi v0.0.0-2025
\tk8s.io/mount-utils v0.0.0 // indirect
)

replace (
\tk8s.io/api => ./staging/src/k8s.io/api
)
"""


def test_staging_modules_are_those_of_the_release() -> None:
    assert module_text(PUBLISHED, "1.36.3") == (
        "module ingc.test/cluster\n"
        "go 1.26.0\n"
        "godebug default=go1.26\n"
        "require k8s.io/kubernetes v1.36.3\n"
        "replace (\n"
        "\tk8s.io/api => k8s.io/api v0.36.3\n"
        "\tk8s.io/mount-utils => k8s.io/mount-utils v0.36.3\n"
        ")\n"
    )
