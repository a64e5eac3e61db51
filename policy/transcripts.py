"""From the tokens that an engine drew to the sample that is stored, the same for every engine that sees tokens."""

from collections.abc import Callable, Collection, Sequence

from transformers import PreTrainedTokenizerBase

from curriculum.records import Finish, Sample
from policy.engine import Request, Sampling
from policy.prompts import beginning, text_maker

Transcribe = Callable[[Request, Sequence[int], float | None], Sample]
"""A request, its tokens with the one that stopped them, and their log-probability, to its sample."""


def transcriber(
    policy: str, tokenizer: PreTrainedTokenizerBase, stops: Collection[int], sampling: Sampling
) -> Transcribe:
    """Makes the samples of one `generate`. The token that stops a sample counts as drawn and is not in its text."""
    begun, text_of = beginning(tokenizer, sampling.opening), text_maker(tokenizer)

    def transcribe(request: Request, tokens: Sequence[int], logprob: float | None) -> Sample:
        finish: Finish = "stop" if tokens[-1] in stops else "length"
        text = begun + text_of(tokens[:-1] if finish == "stop" else tokens)
        key, draw = request.problem.key, request.draw
        return Sample(key, policy, draw, sampling.temperature, text, len(tokens), finish, logprob)

    return transcribe
