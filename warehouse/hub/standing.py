"""What stands on the main revision of a dataset repository, and how an export differs from it."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from warehouse.export.configs import CONFIGS
from warehouse.export.folder import CARD
from warehouse.hub.content import is_card
from warehouse.hub.patience import PushRefused

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.hf_api import RepoFile


@dataclass(frozen=True, slots=True)
class Standing:
    """The oid of the head, and the files by path."""

    head: str
    files: "dict[str, RepoFile]"

    def differing(self, additions: "dict[str, CommitOperationAdd]") -> "list[CommitOperationAdd]":
        """Those that are not there, or have other content there."""
        return [
            addition for path, addition in additions.items() if not _is_same(addition, self.files.get(path))
        ]

    def stale(self, additions: "dict[str, CommitOperationAdd]") -> list[str]:
        """The paths of an earlier export's files that this one no longer has."""
        return sorted(path for path in self.files if _is_of_an_export(path) and path not in additions)


def look(api: "HfApi", repo: str) -> Standing | None:
    """What stands there; None if there is no repository. Raises PushRefused if its card is not an export's."""
    from huggingface_hub.errors import RepositoryNotFoundError
    from huggingface_hub.hf_api import RepoFile

    try:
        head = api.dataset_info(repo, revision="main").sha or ""
    except RepositoryNotFoundError:
        return None
    tree = api.list_repo_tree(repo, repo_type="dataset", revision=head, recursive=True)
    standing = Standing(head, {entry.path: entry for entry in tree if isinstance(entry, RepoFile)})
    if CARD in standing.files and not _has_our_card(api, repo, head):
        raise PushRefused(
            f"a push replaces only an earlier export; {CARD} of {repo} does not say that it is one"
        )
    return standing


def _has_our_card(api: "HfApi", repo: str, head: str) -> bool:
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    with TemporaryDirectory() as folder, disable_progress_bars():
        card = api.hf_hub_download(repo, CARD, repo_type="dataset", revision=head, local_dir=folder)
        return is_card(Path(card))


def _is_same(addition: "CommitOperationAdd", there: "RepoFile | None") -> bool:
    from huggingface_hub.utils.sha import git_hash

    if there is None or there.size != addition.upload_info.size:
        return False
    if there.lfs:
        return there.lfs.sha256 == addition.upload_info.sha256.hex()
    with addition.as_file() as file:
        return there.blob_id == git_hash(file.read())


def _is_of_an_export(path: str) -> bool:
    folder, _, name = path.partition("/")
    return folder in CONFIGS and "/" not in name and name.endswith(".parquet")
