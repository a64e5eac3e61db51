"""The container file, as far as it can be checked without building it: what it copies, installs, and starts."""

import fnmatch
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

REPOSITORY = Path(__file__).parents[2]
CONTAINERFILE = REPOSITORY / "examples/production/Containerfile"
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
KNOWN = {"FROM", "ARG", "RUN", "WORKDIR", "COPY", "ENV", "USER", "ENTRYPOINT", "CMD"}


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", "")
    return [
        (word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines()) if word
    ]


def of(word: str) -> list[str]:
    return [rest for found, rest in instructions() if found == word]


def ignored(path: str) -> bool:
    patterns = (REPOSITORY / ".dockerignore").read_text().splitlines()
    parents = ["/".join(path.split("/")[: n + 1]) for n in range(path.count("/") + 1)]
    return any(
        fnmatch.fnmatch(parent, pattern.removeprefix("**/"))
        or fnmatch.fnmatch(Path(parent).name, pattern.removeprefix("**/"))
        for pattern in patterns
        if pattern and not pattern.startswith("#")
        for parent in parents
        if pattern.startswith("**/") or "/" not in parent or parent == pattern
    )


def test_it_has_instructions_that_there_are_and_a_user_before_it_starts() -> None:
    words = [word for word, _ in instructions()]
    assert words[0] == "FROM"
    assert set(words) <= KNOWN
    assert words.index("USER") > max(i for i, word in enumerate(words) if word == "RUN")
    assert of("USER") == ["edgework"]
    assert of("ENTRYPOINT") == ['["/usr/bin/tini", "--"]']


def test_the_base_has_a_python_that_fits() -> None:
    (base,) = of("FROM")
    found = re.fullmatch(r"docker\.io/library/python:(\d+\.\d+)-slim-\w+", base)
    assert found is not None
    assert found[1] in SpecifierSet(PROJECT["requires-python"])


def test_what_is_copied_is_there_and_not_ignored() -> None:
    sources = [source for line in of("COPY") for source in shlex.split(line)[:-1]]
    assert sources[-1] == "."
    for source in sources:
        assert (REPOSITORY / source).exists()
        assert not ignored(source)


def test_what_installing_and_running_takes_is_not_ignored_and_what_is_private_is() -> None:
    packages = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    needed = [
        PROJECT["readme"],
        *PROJECT["license-files"],
        "pyproject.toml",
        "constraints.txt",
        "policy/tiny",
    ]
    for path in [
        *needed,
        *(name.replace(".", "/") for name in packages),
        "warehouse/schema",
        "examples/quick.toml",
    ]:
        assert (REPOSITORY / path).exists()
        assert not ignored(path), path
    for path in (".git", ".venv", "runs/demo", "edgework.env", "flows/__pycache__", "edgework.egg-info"):
        assert ignored(path), path


@pytest.mark.parametrize("extras", ["train,scale,vllm", "train", ""])
def test_the_requirements_that_it_installs_are_the_project_s(extras: str) -> None:
    assert f"EXTRAS={extras}" in of("ARG") or extras != "train,scale,vllm"
    (run,) = [rest for rest in of("RUN") if "requirements" in rest]
    (script,) = re.findall(r'python -c "(.*?)" "\$\{EXTRAS\}"', run)
    printed = subprocess.check_output([sys.executable, "-c", script, extras], cwd=REPOSITORY, text=True)
    wanted = [*PROJECT["dependencies"]]
    for extra in filter(None, extras.split(",")):
        wanted += PROJECT["optional-dependencies"][extra]
    assert printed.splitlines() == wanted
    assert "-c constraints.txt" in run


def test_it_has_the_sandbox_and_a_compiler() -> None:
    (apt,) = [rest for rest in of("RUN") if "apt-get install" in rest]
    assert {"bubblewrap", "gcc", "libc6-dev", "tini"} <= set(apt.split())
