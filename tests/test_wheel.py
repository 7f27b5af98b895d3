"""The wheel holds everything: built, installed into a new environment, used from elsewhere."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules:
  - host: shop.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
"""


def test_an_installed_wheel_compiles_from_another_folder(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "ingc/grammar/options.lark",
        "ingc/templates/nginx.conf.j2",
        "ingc/templates/migrate/page.html.j2",
        "ingc/templates/migrate/style.css",
        "ingc/py.typed",
        "ingc/cli/completion_words.json",
    } <= {*names}

    environment = tmp_path / "env"
    # The libraries come from this environment: the wheel itself is what is tested.
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-deps", wheel], check=True, capture_output=True
    )
    (packages,) = (environment / "lib").glob("python*/site-packages")
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "borrowed.pth").write_text(here + "\n", encoding="utf-8")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ingress.yaml").write_text(INGRESS, encoding="utf-8")
    done = subprocess.run(
        [
            environment / "bin" / "ingc", "compile", "ingress.yaml", "-o", "nginx.conf",
            "--default-backend-service", "shop/web:80",
        ],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (environment / "share" / "man" / "man1" / "ingc-compile.1").is_file()
    text = (elsewhere / "nginx.conf").read_text(encoding="utf-8")
    assert "proxy_pass http://shop_web_80;" in text
    where = subprocess.run(
        [python, "-c", "import ingc; print(ingc.__file__)"],
        cwd=elsewhere, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(environment) in where.stdout
