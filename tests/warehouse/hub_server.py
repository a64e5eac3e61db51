"""A small Hub on 127.0.0.1 that speaks the HTTP which huggingface_hub and datasets speak, and can fail on purpose.

    with HubServer(Repositories(("me",)), token="hf_x") as hub:
        hub.fail("PUT", "/storage/", after=2, times=1, how="drop")
        subprocess.run([...], env=os.environ | hub.environment)

It checks what it is sent: the token, on everything but signed storage addresses, which must not get it; signatures;
and what `Repositories` checks. Unless HF_HUB_DISABLE_XET is taken out of the environment, objects come as such, not
in chunks through hf_xet. `hub.seen` has every answered request, `hub.sent` the bytes of each upload.
"""

import base64
import json
import re
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.warehouse import hub_xet
from tests.warehouse.hub_repositories import File, Refused, Repositories, check_card

PAGE = 3  # entries of a listing
PART_BYTES = 5_000  # larger objects are uploaded in parts of this size


@dataclass
class Fault:
    """What befalls the requests from number `after` on, `times` of them: they are answered with a status, dropped
    halfway through their body ("drop") or once they are done ("deaf"), never answered ("silent"), or served after
    something else has been done."""

    method: str
    path: str
    after: int
    times: int
    how: int | str | Callable[[], object]
    headers: dict[str, str]


class HubServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, repositories: Repositories, token: str, port: int = 0, role: str = "write") -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.repositories = repositories
        self.token = token
        self.role = role
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str, int]] = []
        self.sent: Counter[str] = Counter()
        self.signature = secrets.token_hex(16)
        self.xorbs: dict[str, bytes] = {}
        self.parts: dict[tuple[str, int], bytes] = {}
        self.lock = threading.RLock()
        self._connections: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.die()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HF_ENDPOINT": f"http://127.0.0.1:{self.server_port}",
            "HF_TOKEN": self.token,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    def fail(
        self,
        method: str,
        path: str,
        how: int | str | Callable[[], object],
        after: int = 0,
        times: int = 1,
        **headers: str,
    ) -> None:
        """Fail requests whose path matches the regular expression; see Fault."""
        self.faults.append(Fault(method, path, after, times, how, headers))

    def fault_of(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.method == method and re.search(fault.path, path):
                    fault.after -= 1
                    if -fault.times <= fault.after < 0:
                        return fault
        return None

    def die(self) -> None:
        """At once, with every connection; the repositories stay."""
        self.shutdown()
        self.server_close()
        for connection in self._connections:
            with suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.append(connection)
        return connection, address

    def count(self, method: str, path: str) -> int:
        return sum(m == method and re.search(path, p) is not None for m, p, _ in self.seen)


class _Dropped(Exception):
    pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _serve(self) -> None:
        url = urlsplit(self.path)
        self.query = parse_qs(url.query)
        self.route = unquote(url.path)
        self._body: bytes | None = None
        try:
            fault = self.server.fault_of(self.command, self.route)
            self._suffer(fault)
            self._authorize()
            with self.server.lock:
                status, answer, headers = self._dispatch()
            if fault and fault.how == "deaf":
                raise _Dropped
            self._answer(status, answer, headers)
        except Refused as refusal:
            code = {"X-Error-Code": refusal.code} if refusal.code else {}
            body = {"error": str(refusal), "errors": [{"message": str(refusal)}]}
            self._answer(refusal.status, body, {"X-Error-Message": str(refusal).splitlines()[0], **code})
        except _Dropped:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        except ConnectionError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815

    def _suffer(self, fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.how == "drop":
            self.rfile.read(int(self.headers.get("Content-Length", 0)) // 2)
            raise _Dropped
        if fault.how == "silent":
            time.sleep(3600)
            raise _Dropped
        if callable(fault.how):
            fault.how()
        if isinstance(fault.how, int):
            self._read()
            self._answer(fault.how, {"error": "as asked"}, fault.headers)
            raise ConnectionError

    def _authorize(self) -> None:
        """Storage takes its signature and nothing else; the rest takes the token, or none where all may read."""
        given = self.headers.get("Authorization")
        if self.route.startswith("/storage/"):
            if given or self.query.get("X-Amz-Signature") != [self.server.signature]:
                raise Refused(403, "storage takes signed addresses, and no token")
        elif self.route.startswith("/xet/"):
            if given != f"Bearer {self.server.signature}":
                raise Refused(401, "xet takes the token that the Hub gave for it, and no other")
        elif given not in (None, f"Bearer {self.server.token}"):
            raise Refused(401, "Invalid credentials in Authorization header")

    def _dispatch(self) -> tuple[int, Any, dict[str, str]]:
        for method, pattern, serve in _ROUTES:
            if method == self.command.replace("HEAD", "GET") and (found := re.fullmatch(pattern, self.route)):
                return serve(self, **{k: v for k, v in found.groupdict().items() if v})
        raise Refused(404, f"{self.command} {self.route} is not known here")

    def _read(self) -> bytes:
        if self._body is None:
            if "chunked" in self.headers.get("Transfer-Encoding", ""):
                raise Refused(501, "A header you provided implies functionality that is not implemented")
            self._body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return self._body

    def _answer(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        self._read()
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.server.seen.append((self.command, self.route, status))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _known(self) -> None:
        if "Authorization" not in self.headers:
            raise Refused(401, "Invalid username or password.")

    def _writer(self) -> None:
        self._known()
        if self.server.role != "write":
            raise Refused(403, "the token may only read")

    # Who and where

    def whoami(self) -> tuple[int, Any, dict[str, str]]:
        self._known()
        name, *orgs = self.server.repositories.owners
        token = {"accessToken": {"displayName": "t", "role": self.server.role}}
        return 200, {"type": "user", "name": name, "orgs": [{"name": org} for org in orgs], "auth": token}, {}

    def auth_check(self, repo: str) -> tuple[int, Any, dict[str, str]]:
        self._readable(repo)
        self._writer()
        return 200, {}, {}

    def create(self) -> tuple[int, Any, dict[str, str]]:
        self._writer()
        asked = json.loads(self._read())
        assert asked["type"] == "dataset", asked
        self.server.repositories.create(
            asked["organization"], asked["name"], asked.get("visibility") == "private"
        )
        return 200, {"url": f"{self._here()}/datasets/{asked['organization']}/{asked['name']}"}, {}

    def validate(self) -> tuple[int, Any, dict[str, str]]:
        check_card(json.loads(self._read())["content"])
        return 200, {"errors": [], "warnings": []}, {}

    def _readable(self, repo: str) -> Any:
        found = self.server.repositories.get(repo)
        if found.private and "Authorization" not in self.headers:
            raise Refused(401, "Repository not found", "RepoNotFound")
        return found

    def _here(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    # Writing

    def preupload(self, repo: str, revision: str) -> tuple[int, Any, dict[str, str]]:
        self._writer()
        head = self._readable(repo).at(revision)
        files = []
        for asked in json.loads(self._read())["files"]:
            assert len(base64.b64decode(asked["sample"])) <= 512
            path = asked["path"]
            mode = "lfs" if path.endswith((".parquet", ".png")) or asked["size"] > 10_000_000 else "regular"
            there = head.files.get(path)
            oid = {"oid": there.lfs or there.oid} if there else {}
            ignored = head.files[".gitignore"].content.decode().split() if ".gitignore" in head.files else []
            ignore = any(fnmatch(path, pattern) for pattern in ignored)
            files.append({"path": path, "uploadMode": mode, "shouldIgnore": ignore, **oid})
        return 200, {"files": files}, {}

    def lfs_batch(self, repo: str) -> tuple[int, Any, dict[str, str]]:
        self._writer()
        found = self._readable(repo)
        asked = json.loads(self._read())
        assert asked["operation"] == "upload", asked
        assert asked["hash_algo"] == "sha256", asked
        objects = [
            entry if entry["oid"] in found.objects else {**entry, "actions": self._actions(repo, **entry)}
            for entry in asked["objects"]
        ]
        return 200, {"transfer": "basic", "objects": objects}, {}

    def _actions(self, repo: str, oid: str, size: int) -> dict[str, Any]:
        signed = f"?X-Amz-Signature={self.server.signature}"
        address = f"{self._here()}/storage/{repo}/{oid}"
        verify = {"href": f"{self._here()}/datasets/{repo}.git/info/lfs/objects/verify"}
        if size <= PART_BYTES:
            return {"upload": {"href": address + signed}, "verify": verify}
        numbers = range(1, -(-size // PART_BYTES) + 1)
        header = {
            "chunk_size": str(PART_BYTES),
            **{str(n): f"{address}/part/{n}{signed}" for n in numbers},
        }
        return {"upload": {"href": f"{address}/complete{signed}", "header": header}, "verify": verify}

    def put(self, repo: str, oid: str) -> tuple[int, Any, dict[str, str]]:
        self.server.sent[oid] += len(self._read())
        self.server.repositories.get(repo).store(oid, self._read())
        return 200, b"", {}

    def put_part(self, repo: str, oid: str, number: str) -> tuple[int, Any, dict[str, str]]:
        self.server.sent[oid] += len(self._read())
        self.server.parts[oid, int(number)] = self._read()
        return 200, b"", {"ETag": f'"{oid[:8]}-{number}"'}

    def complete(self, repo: str, oid: str) -> tuple[int, Any, dict[str, str]]:
        asked = json.loads(self._read())
        numbers = [part["partNumber"] for part in asked["parts"]]
        if [part["etag"] for part in asked["parts"]] != [f'"{oid[:8]}-{number}"' for number in numbers]:
            raise Refused(400, "InvalidPart")
        content = b"".join(self.server.parts[oid, number] for number in numbers)
        self.server.repositories.get(repo).store(oid, content)
        return 200, {}, {}

    def verify(self, repo: str) -> tuple[int, Any, dict[str, str]]:
        self._writer()
        asked = json.loads(self._read())
        self._readable(repo).verify(asked["oid"], asked["size"])
        return 200, {}, {}

    def commit(self, repo: str, revision: str) -> tuple[int, Any, dict[str, str]]:
        self._writer()
        assert revision == "main"
        made = self._readable(repo).commit(self._read().splitlines())
        return (
            200,
            {"commitUrl": f"{self._here()}/datasets/{repo}/commit/{made.oid}", "commitOid": made.oid},
            {},
        )

    # Writing through hf_xet

    def xet_token(self, repo: str, revision: str) -> tuple[int, Any, dict[str, str]]:
        self._writer()
        store = f"{self._here()}/xet/{repo}"
        return (
            200,
            {"casUrl": store, "exp": int(time.time()) + 3600, "accessToken": self.server.signature},
            {},
        )

    def put_xorb(self, repo: str, oid: str) -> tuple[int, Any, dict[str, str]]:
        self.server.sent[oid] += len(self._read())
        self.server.xorbs[oid] = self._read()
        return 200, {"was_inserted": True}, {}

    def put_shard(self, repo: str) -> tuple[int, Any, dict[str, str]]:
        for oid, runs in hub_xet.files(self._read()):
            self.server.repositories.get(repo).store(oid, hub_xet.content(runs, self.server.xorbs))
        return 200, {"result": 1}, {}

    # Reading

    def info(self, repo: str, revision: str | None = None) -> tuple[int, Any, dict[str, str]]:
        found = self._readable(repo)
        commit = found.at(revision or "main")
        siblings = [{"rfilename": path} for path in sorted(commit.files)]
        told = {"_id": "0", "id": repo, "author": repo.split("/")[0], "sha": commit.oid, "siblings": siblings}
        return 200, {**told, "private": found.private, "gated": False, "disabled": False, "tags": []}, {}

    def refs(self, repo: str) -> tuple[int, Any, dict[str, str]]:
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": self._readable(repo).head.oid}
        return 200, {"branches": [main], "converts": [], "tags": []}, {}

    def tree(self, repo: str, revision: str, folder: str = "") -> tuple[int, Any, dict[str, str]]:
        files = self._readable(repo).at(revision).files
        recursive = self.query.get("recursive", [""])[0].lower() == "true"
        entries = _entries(files, f"{folder}/" if folder else "", recursive)
        if folder and not entries:
            raise Refused(404, f"{folder} does not exist on {revision}", "EntryNotFound")
        start = int(self.query.get("cursor", ["0"])[0])
        rest = f"?recursive={recursive}&cursor={start + PAGE}"
        link = {"Link": f'<{self._here()}{urlsplit(self.path).path}{rest}>; rel="next"'}
        return 200, entries[start : start + PAGE], link if start + PAGE < len(entries) else {}

    def paths_info(self, repo: str, revision: str) -> tuple[int, Any, dict[str, str]]:
        files = self._readable(repo).at(revision).files
        paths = parse_qs(self._read().decode())["paths"]
        every = {entry["path"]: entry for entry in _entries(files, "", recursive=True)}
        return 200, [every[path] for path in paths if path in every], {}

    def resolve(self, repo: str, revision: str, path: str) -> tuple[int, Any, dict[str, str]]:
        commit = self._readable(repo).at(revision)
        headers = {"X-Repo-Commit": commit.oid, "Accept-Ranges": "bytes"}
        file = commit.files.get(path)
        if file is None:
            raise Refused(404, "Entry not found", "EntryNotFound")
        etag = f'"{file.lfs or file.oid}"'
        headers |= {"ETag": etag, "X-Linked-Etag": etag, "X-Linked-Size": str(len(file.content))}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            return 200, file.content, headers
        first, last = int(asked[1]), min(int(asked[2] or len(file.content)), len(file.content) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(file.content)}"
        return 206, file.content[first : last + 1], headers


def _entries(files: dict[str, File], folder: str, recursive: bool) -> list[dict[str, Any]]:
    """What the tree has below a folder, as the Hub lists it: files, and the folders on the way."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(path for path in files if path.startswith(folder)):
        steps = path.removeprefix(folder).split("/")
        for depth in range(1, len(steps) if recursive else min(len(steps), 2)):
            name = folder + "/".join(steps[:depth])
            found[name] = {"type": "directory", "path": name, "oid": "0" * 40, "size": 0}
        if recursive or len(steps) == 1:
            file = files[path]
            entry = {"type": "file", "path": path, "oid": file.oid, "size": len(file.content)}
            lfs = {"oid": file.lfs, "size": len(file.content), "pointerSize": 130}
            found[path] = entry | ({"lfs": lfs} if file.lfs else {})
    return list(found.values())


_REPO = r"(?P<repo>[^/]+/[^/]+?)"
_API = rf"/api/datasets/{_REPO}"
_AT = r"(?P<revision>[^/]+)"
_OID = r"(?P<oid>[0-9a-f]{64})"
_Route = tuple[str, str, Callable[..., tuple[int, Any, dict[str, str]]]]
_ROUTES: list[_Route] = [
    ("GET", "/api/whoami-v2", _Handler.whoami),
    ("POST", "/api/repos/create", _Handler.create),
    ("POST", "/api/validate-yaml", _Handler.validate),
    ("GET", f"{_API}/auth-check/write", _Handler.auth_check),
    ("POST", f"{_API}/preupload/{_AT}", _Handler.preupload),
    ("POST", f"/datasets/{_REPO}.git/info/lfs/objects/batch", _Handler.lfs_batch),
    ("POST", f"/datasets/{_REPO}.git/info/lfs/objects/verify", _Handler.verify),
    ("PUT", f"/storage/{_REPO}/{_OID}", _Handler.put),
    ("PUT", f"/storage/{_REPO}/{_OID}/part/(?P<number>[0-9]+)", _Handler.put_part),
    ("POST", f"/storage/{_REPO}/{_OID}/complete", _Handler.complete),
    ("GET", f"{_API}/xet-write-token/{_AT}", _Handler.xet_token),
    ("POST", f"/xet/{_REPO}/v1/xorbs/default/{_OID}", _Handler.put_xorb),
    ("POST", f"/xet/{_REPO}/v1/shards", _Handler.put_shard),
    ("POST", f"{_API}/commit/{_AT}", _Handler.commit),
    ("GET", _API, _Handler.info),
    ("GET", f"{_API}/revision/{_AT}", _Handler.info),
    ("GET", f"{_API}/refs", _Handler.refs),
    ("GET", f"{_API}/tree/{_AT}(/(?P<folder>.+))?", _Handler.tree),
    ("POST", f"{_API}/paths-info/{_AT}", _Handler.paths_info),
    ("GET", f"/datasets/{_REPO}/resolve/{_AT}/(?P<path>.+)", _Handler.resolve),
]
