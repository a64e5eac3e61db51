"""Runs a model's program: the code inside the sandbox, never imported by the code outside.

It stands on the same footing as the program, which can read and change all of it. So it holds no secret, and
nothing that it says is believed beyond "this is the data which the program returned": the expected values
and the comparison are outside. It speaks over a socket that it finds as its standard input: requests come as
a length and marshal (from the trusted side), answers go as lines of JSON, each with its request's number.

It imports next to nothing, since each program gets a fresh process: importing `json` alone would cost as much
as starting the interpreter.
"""

import _sitebuiltins
import builtins
import marshal
import os
import resource
import sys

TYPE_CHECKING = False  # as in `typing`, which takes a third of the time to start
if TYPE_CHECKING:
    from typing import NoReturn

MAX_DEPTH = 60  # of a returned value
MAX_BITS = 14_000  # of a whole number: Python's own limit of 4,300 digits, before it raises
SPARE_BYTES = 1 << 20  # given back when the memory is used up, so that this can still be said
PROGRAM = "<program>"

_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(32), ord('"'), ord("\\"))}


class Unfit(Exception):
    """A returned value is not plain data, or is too much of it: `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel:
    """The way to the trusted side; `answer` is for the request heard last."""

    def __init__(self, handle: int) -> None:
        self.handle, self.number = handle, "ready"

    def hear(self) -> dict[str, object]:
        request: dict[str, object] = marshal.loads(self.exactly(int.from_bytes(self.exactly(8))))
        self.number = str(request["number"])
        return request

    def exactly(self, count: int) -> bytes:
        received = bytearray()
        while len(received) < count:
            piece = os.read(self.handle, min(count - len(received), 1 << 16))
            if not piece:
                os._exit(0)  # nobody is there any more
            received += piece
        return bytes(received)

    def answer(self, value: str = "null", failure: str = "", detail: str = "") -> None:
        failed = f'"failure":{_text(failure)},"detail":{_text(detail)}'
        line = f'{{"number":{_text(self.number)},"value":{value},{failed}}}\n'
        unsent = memoryview(line.encode("utf-8", "surrogatepass"))
        while unsent:
            unsent = unsent[os.write(self.handle, unsent) :]

    def fail(self, error: BaseException) -> "NoReturn":
        """Say what the program raised, and end at once."""
        if isinstance(error, Unfit):
            self.answer(failure=error.reason)
        else:
            kinds = {MemoryError: "memory_limit", SystemExit: "exited"}
            failure = next((kinds[kind] for kind in kinds if isinstance(error, kind)), "raised")
            self.answer(failure=failure, detail=type(error).__name__)
        os._exit(1)


def main() -> None:
    channel = Channel(os.dup(0))
    spare = [bytearray(SPARE_BYTES)]
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    channel.answer()
    job = channel.hear()
    _give_input(str(job["stdin"]))
    _limit(job)
    try:
        code = compile(str(job["program"]), PROGRAM, "exec", dont_inherit=True)
    except BaseException as error:
        channel.answer(failure="syntax_error", detail=type(error).__name__)
        os._exit(1)
    channel.answer()
    channel.hear()
    entry_point = str(job["entry_point"])
    try:
        namespace = _run(code, "program" if entry_point else "__main__")
        if entry_point:
            function = namespace.get(entry_point)
            channel.answer(failure="" if callable(function) else "no_entry_point")
            _serve(channel, function)
    except SystemExit as error:
        if not entry_point:
            raise  # the status is for the trusted side to judge
        channel.fail(error)
    except BaseException as error:
        spare.clear()
        channel.fail(error)


def _give_input(text: str) -> None:
    """Make a text the standard input: a file, which unlike a pipe needs nobody to write while it is read."""
    file = os.open("stdin", os.O_RDWR | os.O_CREAT | os.O_EXCL)
    os.unlink("stdin")  # noqa: PTH108 (importing pathlib takes too long)
    unsent = memoryview(text.encode("utf-8", "surrogatepass"))
    while unsent:
        unsent = unsent[os.write(file, unsent) :]
    os.lseek(file, 0, os.SEEK_SET)
    os.dup2(file, 0)
    os.close(file)


def _limit(job: dict[str, object]) -> None:
    """Lower the hard limits: without privileges nobody raises them again."""
    limits = job["limits"]
    assert isinstance(limits, dict)
    for name, value in limits.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _run(code: object, name: str) -> dict[str, object]:
    """Run a module, and give its namespace. `exit` and `quit` are as in every Python that has `site`."""
    for word in ("exit", "quit"):
        setattr(builtins, word, _sitebuiltins.Quitter(word, "Ctrl-D"))
    module = type(sys)(name)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    sys.argv = ["program.py"]
    namespace: dict[str, object] = module.__dict__
    namespace["__builtins__"] = builtins
    exec(code, namespace)  # type: ignore[arg-type]
    return namespace


def _serve(channel: Channel, function: object) -> "NoReturn":
    """Call the function for each request; what it returns goes out as data, whatever else it does."""
    assert callable(function)
    while True:
        request = channel.hear()
        value = function(*request["args"], **request["kwargs"])  # type: ignore[misc, arg-type]
        channel.answer(value=plain(value, int(str(request["output_bytes"]))))


def plain(value: object, most: int) -> str:
    """JSON of a value made of exact built-in types, in at most so many characters; else Unfit."""
    pieces: list[str] = []
    room = [most]
    _write(value, pieces, room, 0)
    return "".join(pieces)


def _write(value: object, pieces: list[str], room: list[int], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Unfit("not_plain_data")
    kind = type(value)
    if kind in (list, tuple):
        pieces.append("[")
        for place, item in enumerate(value):  # type: ignore[arg-type, var-annotated]
            pieces.append("," if place else "")
            _write(item, pieces, room, depth + 1)
        pieces.append("]")
    elif kind is dict or kind in _standard_dicts():
        pieces.append("{")
        for place, (key, item) in enumerate(dict.items(value)):  # type: ignore[arg-type, var-annotated]
            if type(key) is not str:
                raise Unfit("not_plain_data")
            pieces.append("," if place else "")
            _write(key, pieces, room, depth + 1)
            pieces.append(":")
            _write(item, pieces, room, depth + 1)
        pieces.append("}")
    else:
        pieces.append(_scalar(value))
    room[0] -= len(pieces[-1]) + 1
    if room[0] < 0:
        raise Unfit("output_limit")


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is int:
        if value.bit_length() > MAX_BITS:
            raise Unfit("output_limit")
        return str(value)
    if type(value) is float:
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(value)) or repr(value)
    if type(value) is str:
        return _text(value)
    raise Unfit("not_plain_data")


def _standard_dicts() -> list[type]:
    """Dictionaries that a function returns in good faith; what they hold is read past their own methods."""
    collections = sys.modules.get("collections")
    return (
        [vars(collections)[name] for name in ("Counter", "OrderedDict", "defaultdict")] if collections else []
    )


def _text(text: str) -> str:
    """A JSON string; what is not ASCII stays as it is, so that lone surrogates are not made into pairs."""
    return f'"{text.translate(_ESCAPES)}"'


if __name__ == "__main__":
    main()
