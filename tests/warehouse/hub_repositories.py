"""What the Hub keeps of its dataset repositories, and what it refuses: the part of the stand-in that knows no HTTP.

Each rule is one that the real Hub enforces: an object is stored under its own sha256, a commit names only objects
that are stored, deletes only what is there, comes after the head that its maker saw, and has a valid card.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from typing import Any

import yaml


class Refused(Exception):
    """With the status and the headers of the answer."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class File:
    """`lfs` is the sha256 if the content lies in the object store."""

    content: bytes
    lfs: str | None = None

    @property
    def oid(self) -> str:
        """Of the git blob; that of an object is the blob of its pointer."""
        pointer = (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.lfs}\nsize {len(self.content)}\n"
        )
        stored = pointer.encode() if self.lfs else self.content
        return sha1(b"blob %d\0" % len(stored) + stored).hexdigest()


@dataclass(frozen=True)
class Commit:
    oid: str
    title: str
    description: str
    files: dict[str, File]


class Repository:
    def __init__(self, private: bool) -> None:
        self.private = private
        self.objects: dict[str, bytes] = {}
        self.commits: list[Commit] = []
        self._add(
            "initial commit", "", {".gitattributes": File(b"*.parquet filter=lfs diff=lfs merge=lfs -text\n")}
        )

    @property
    def head(self) -> Commit:
        return self.commits[-1]

    def at(self, revision: str) -> Commit:
        """A commit by its oid or as `main`."""
        found = [commit for commit in self.commits if revision in ("main", commit.oid)]
        if not found:
            raise Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return found[-1]

    def store(self, oid: str, content: bytes) -> None:
        if sha256(content).hexdigest() != oid:
            raise Refused(400, "the content is not what its address says")
        self.objects[oid] = content

    def verify(self, oid: str, size: int) -> None:
        if len(self.objects.get(oid, b"")) != size or oid not in self.objects:
            raise Refused(404, f"object {oid} of {size} bytes is not stored")

    def commit(self, lines: Iterable[bytes]) -> Commit:
        """Apply the operations of an NDJSON body, all or none."""
        header, *operations = (json.loads(line) for line in lines)
        assert header["key"] == "header", header
        if header["value"].get("parentCommit", self.head.oid) != self.head.oid:
            raise Refused(412, "A commit has happened since. Please refresh and try again.")
        files = dict(self.head.files)
        for operation in operations:
            self._apply(files, operation["key"], operation["value"])
        if card := files.get("README.md"):
            check_card(card.content.decode())
        return self._add(header["value"]["summary"], header["value"]["description"], files)

    def _apply(self, files: dict[str, File], key: str, value: dict[str, Any]) -> None:
        match key:
            case "file":
                files[value["path"]] = File(base64.b64decode(value["content"], validate=True))
            case "lfsFile":
                if value["algo"] != "sha256":
                    raise Refused(400, "an object is named by its sha256")
                self.verify(value["oid"], value["size"])
                files[value["path"]] = File(self.objects[value["oid"]], value["oid"])
            case "deletedFile":
                if files.pop(value["path"], None) is None:
                    raise Refused(404, "A file with this name doesn't exist", "EntryNotFound")
            case _:
                raise Refused(400, f"operation {key} is not known here")

    def _add(self, title: str, description: str, files: dict[str, File]) -> Commit:
        tree = sorted((path, file.oid) for path, file in files.items())
        oid = sha1(json.dumps([len(self.commits), title, description, tree]).encode()).hexdigest()
        self.commits.append(Commit(oid, title, description, files))
        return self.head


@dataclass
class Repositories:
    """Outlives the server that shows it, as the real one does. `owners` may own repositories here."""

    owners: tuple[str, ...]
    by_name: dict[str, Repository] = field(default_factory=dict)

    def create(self, owner: str, name: str, private: bool) -> None:
        if owner not in self.owners:
            raise Refused(403, f"You don't have the rights to create a dataset under the namespace {owner!r}")
        if f"{owner}/{name}" in self.by_name:
            raise Refused(409, "You already created this dataset repo")
        self.by_name[f"{owner}/{name}"] = Repository(private)

    def get(self, repo: str) -> Repository:
        if repo not in self.by_name:
            raise Refused(404, "Repository not found", "RepoNotFound")
        return self.by_name[repo]


def check_card(text: str) -> None:
    """Raises Refused unless the head of a README.md is a YAML mapping whose configs name their files."""
    start, head, *_ = [*text.split("---\n", 2), "", ""]
    try:
        data = yaml.safe_load(head) if not start else {}
    except yaml.YAMLError as error:
        raise Refused(400, f"Invalid YAML: {error}") from error
    if not isinstance(data, dict):
        raise Refused(400, "the head of a card is a YAML mapping")
    for config in data.get("configs", []):
        if not {"config_name", "data_files"} <= set(config):
            raise Refused(400, '"configs[0]" needs config_name and data_files')
