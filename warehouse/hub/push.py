"""An exported folder goes to the Hub as one commit, so that nobody ever loads half of a new version.

`HfApi.upload_folder`, which is made for any size, commits every few hundred files, and in between the card of one
version stands beside the rows of another. So the Parquet files are uploaded first (`preupload_lfs_files`), some at
a time: they are stored by their sha256 and belong to no version yet. Then one commit names them all, puts the new
card in place and takes away what this export no longer has. It carries some 200 bytes for each file.

A push that was cut short, at any moment, is finished by doing it again: what the Hub has by its sha256 is not
sent again (with hf_xet, what it has of a file's chunks). A commit names the head that it was made for, so one that
is repeated because its answer was lost, or that meets somebody else's, is refused by the Hub and planned anew.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.export.folder import CARD
from warehouse.hub import patience
from warehouse.hub.access import check_name, check_owner, log_in
from warehouse.hub.content import additions, digest, last_round
from warehouse.hub.patience import PushRefused, Say, in_words, patiently
from warehouse.hub.standing import Standing, look

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, HfApi

FILES_AT_A_TIME = 32  # so that none waits long for its turn: an address to upload to expires in minutes


@dataclass(frozen=True, slots=True)
class Pushed:
    """`commit` is the oid of what stands at `url` now, `is_new` whether this push put it there."""

    url: str
    commit: str
    digest: str
    is_new: bool


def check(repo: str, say: Say) -> None:
    """Ask before the work begins whether a push to OWNER/NAME can succeed. Changes nothing.

    Raises PushRefused for a malformed name, without a token or its right to write, and if something other than an
    export stands there; PushFailed if the Hub is out of reach.
    """
    check_name(repo)
    api = log_in()
    with in_words(repo):
        if patiently(partial(look, api, repo), say):
            patiently(partial(api.auth_check, repo, repo_type="dataset", write=True), say)
        else:
            check_owner(repo, patiently(api.whoami, say))


def push(folder: Path, repo: str, say: Say) -> Pushed:
    """Make the main revision of `repo` hold the finished export in `folder`; files that are no export's stay.

    A repository that is not there is created, private. Raises as `check`, and PushFailed if the push is cut short.
    """
    check_name(repo)
    api = log_in()
    export = additions(folder, say)
    pushed = partial(Pushed, url=f"{api.endpoint}/datasets/{repo}", digest=digest(export))
    is_first = True
    with in_words(repo):
        _check_card(folder, api, say)
        for wait in (*patience.WAITS_S, None):
            standing = patiently(partial(_look_or_create, api, repo, say), say)
            differing = standing.differing(export)
            if not differing and not standing.stale(export):
                return pushed(commit=standing.head, is_new=not is_first)
            _upload(api, repo, differing, say)
            try:
                return pushed(commit=_commit(api, repo, standing, export), is_new=True)
            except Exception as error:
                if wait is None or not (patience.is_passing(error) or patience.status(error) in (409, 412)):
                    raise
                say(f"{patience.reason(error)}; looking at what stands there in {wait:.0f} s")
                time.sleep(wait)
                is_first = False
    raise AssertionError("the last try returns or raises")


def _look_or_create(api: "HfApi", repo: str, say: Say) -> Standing:
    if (standing := look(api, repo)) is None:
        api.create_repo(repo, repo_type="dataset", private=True, exist_ok=True)
        say(f"a new dataset: {repo}, private")
        standing = look(api, repo)
    if standing is None:
        raise PushRefused(f"a push needs a token that may see and write {repo}; this one does not")
    return standing


def _upload(api: "HfApi", repo: str, files: "Sequence[CommitOperationAdd]", say: Say) -> None:
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    if not sys.stderr.isatty():
        disable_progress_bars()
    for start in range(0, len(files), FILES_AT_A_TIME):
        some = files[start : start + FILES_AT_A_TIME]
        say(f"files {start + 1:,} to {start + len(some):,} of {len(files):,}: sending what the Hub lacks")
        patiently(partial(api.preupload_lfs_files, repo, some, repo_type="dataset", free_memory=False), say)
        for file in some:
            if file._should_ignore:  # the commit would leave it out without a word
                raise PushRefused(
                    f"a push needs all of its files; .gitignore of {repo} leaves out {file.path_in_repo}"
                )


def _commit(api: "HfApi", repo: str, standing: Standing, export: "dict[str, CommitOperationAdd]") -> str:
    """The oid of the new version. Its message tells what it holds, and nothing of when or where it was pushed."""
    from huggingface_hub import CommitOperationDelete

    stale = [CommitOperationDelete(path) for path in standing.stale(export)]
    return api.create_commit(
        repo,
        [*stale, *standing.differing(export)],
        commit_message=f"Round {last_round(export)}, export {digest(export)[:12]}",
        commit_description=f"sha256 of what `sha256sum` prints of the files, in order: {digest(export)}",
        repo_type="dataset",
        revision="main",
        parent_commit=standing.head,
    ).oid


def _check_card(folder: Path, api: "HfApi", say: Say) -> None:
    """`create_commit` asks the same, but only once everything is uploaded."""
    from huggingface_hub import get_session
    from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]

    card = {"repoType": "dataset", "content": (folder / CARD).read_text(encoding="utf-8")}
    patiently(
        lambda: hf_raise_for_status(get_session().post(f"{api.endpoint}/api/validate-yaml", json=card)), say
    )
