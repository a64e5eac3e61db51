"""docs/production.md names files, settings and units that there are."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/production.md").read_text()
PRODUCTION = REPOSITORY / "examples/production"
SYSTEMD = PRODUCTION / "systemd"


def test_every_file_of_the_repository_that_it_names_exists() -> None:
    named = set(re.findall(r"\b((?:examples|warehouse)/[\w./-]+)", PAGE))
    assert len(named) >= 5
    for path in named:
        assert (REPOSITORY / path.rstrip(".")).exists(), path
    for name in re.findall(r"[\w-]+\.env\.example", PAGE):
        assert (SYSTEMD / name).is_file(), name


def test_every_unit_that_it_names_exists() -> None:
    named = re.findall(r"\b(prefect-server|edgework-worker@|edgework-backup)(\.timer)?(?![\w.-]*env)", PAGE)
    assert {name for name, _ in named} == {"prefect-server", "edgework-worker@", "edgework-backup"}
    for name, suffix in named:
        assert (SYSTEMD / f"{name}{suffix or '.service'}").is_file()


def test_every_setting_that_it_names_is_in_a_file_or_of_prefect_s_kubernetes() -> None:
    files = "".join(file.read_text() for file in [*SYSTEMD.iterdir(), *PRODUCTION.glob("kubernetes/*")])
    for name in set(re.findall(r"\b(?:PREFECT|EDGEWORK)_[A-Z_]+", PAGE)):
        assert name in files or name.startswith("PREFECT_INTEGRATIONS_KUBERNETES_WORKER_"), name


def test_every_folder_of_a_unit_is_made_by_a_step() -> None:
    for path in ("/srv/edgework/homes", "/var/backups/edgework", "/opt/edgework", "/etc/edgework"):
        assert path in PAGE
    units = "".join(unit.read_text() for unit in SYSTEMD.iterdir())
    for user in re.findall(r"^User=(\w+)$", units, re.MULTILINE):
        assert re.search(rf"adduser --system .* {user}$", PAGE, re.MULTILINE)
