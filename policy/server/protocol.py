"""What is asked of a server for one request, and what is read from its answer: two ways of the OpenAI protocol.

`completions` sends the prompt as the tokens that every other engine would see. `chat` sends the question, and the
server applies its own chat template.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from curriculum.records import Finish
from policy.engine import Request, Sampling
from policy.prompts import THOUGHT, THOUGHT_END
from policy.server.calls import Failed, field
from policy.server.settings import Api

Body = dict[str, object]
PATHS: dict[Api, str] = {"completions": "/completions", "chat": "/chat/completions"}
# A filtered text ends before its time, as a long one does.
FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length", "content_filter": "length"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One drawn text. `tokens` is None where the server did not count; `token_ids` is empty where it gave none.

    `thought` is what the server itself took out of the text as such, None if it takes nothing out.
    """

    text: str
    token_ids: list[int]
    tokens: int | None
    finish: Finish
    logprob: float | None
    thought: str | None = None


def extensions(stops: Sequence[int]) -> Body:
    """Beyond the protocol: the checkpoint's stop tokens, and none of the sampling that a server adds by itself.

    vLLM takes top_k and a repetition penalty from a model's generation config where a request is silent. The tokens
    that were drawn are asked for, too.
    """
    plain: Body = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
    return plain | {"stop_token_ids": list(stops), "return_token_ids": True}


def question(api: Api, request: Request, prompt: list[int], sampling: Sampling, room: int) -> Body:
    """The body to post, without the model. `room` is how many tokens may be drawn."""
    body: Body = {
        "max_tokens": room,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": request.seed,
        "n": 1,
    }
    if api == "completions":
        return body | {"prompt": prompt} | ({"logprobs": 1} if sampling.logprobs else {})
    turn = {"role": "user", "content": sampling.prompt(request.problem.question)}
    return body | {"messages": [turn]} | ({"logprobs": True} if sampling.logprobs else {})


def read(api: Api, reply: object, logprobs: bool) -> Answer:
    """The answer in a reply. Failed for a reply that holds none, or one that was cut off by the server."""
    choice = field(reply, "choices", 0)
    finish = field(choice, "finish_reason")
    if finish not in FINISHES:
        raise Failed(f"the server ended an answer by {finish!r}", doubt=True)
    text = field(choice, "text") if api == "completions" else field(choice, "message", "content")
    if not isinstance(text, str | None):
        raise Failed(f"a text is a string, not {type(text).__name__}", doubt=True)
    thought = _thought(field(choice, "message")) if api == "chat" else None
    usage = reply.get("usage") if isinstance(reply, dict) else None
    tokens = usage.get("completion_tokens") if isinstance(usage, dict) else None
    logprob = _logprob(api, choice) if logprobs else None
    token_ids = choice.get("token_ids") or []
    return Answer(text or "", token_ids, tokens, FINISHES[finish], logprob, thought)


def chat_text(answer: Answer, begun: str) -> str:
    """The whole text: with its thought where the server parted it, behind `begun` where that is of the thought.

    `begun` is what the chat template opens of one. A text that ends by itself without an end of the thought is no
    thought: the server has thrown that away.
    """
    if answer.thought is not None:
        ended = f"\n{THOUGHT_END}\n\n{answer.text}" if answer.text or answer.finish == "stop" else ""
        return f"{THOUGHT}\n{answer.thought}{ended}"
    if THOUGHT in answer.text or not (THOUGHT_END in answer.text or answer.finish == "length"):
        return answer.text
    return begun + answer.text


def _thought(message: object) -> str | None:
    """Servers that part thoughts from answers call them by either name."""
    known = message if isinstance(message, dict) else {}
    found = known.get("reasoning_content") or known.get("reasoning")
    return found if isinstance(found, str) else None


def _logprob(api: Api, choice: object) -> float:
    """In nats, of all drawn tokens together."""
    if api == "completions":
        return float(sum(field(choice, "logprobs", "token_logprobs")))
    return float(sum(field(token, "logprob") for token in field(choice, "logprobs", "content")))
