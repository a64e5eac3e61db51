"""How a question becomes the tokens that a policy sees: its own chat template, or the question and a newline.

Sampling and fine-tuning both come through here, so a policy is trained on what it will be asked. Some templates
open the model's thought themselves: the prompt ends by `<think>`. The texts of samples begin with it all the same, so
that a judge knows a thought from an answer, and one that was cut off from one that ended.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from transformers import PreTrainedTokenizerBase

from policy.engine import Request, Sampling

BLOCK = 4096
THOUGHT, THOUGHT_END = "<think>", "</think>"


def render(tokenizer: PreTrainedTokenizerBase, question: str) -> str:
    """The prompt text, ready to be continued by a solution."""
    if tokenizer.chat_template is None:
        return f"{tokenizer.bos_token or ''}{question}\n"
    turns = [{"role": "user", "content": question}]
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))


def opened_thought(tokenizer: PreTrainedTokenizerBase) -> str:
    """What the chat template itself writes of a thought, blanks included; nothing for most models."""
    found = re.search(rf"{THOUGHT}\s*\Z", render(tokenizer, "?"))
    return found.group() if found else ""


def beginning(tokenizer: PreTrainedTokenizerBase, opening: str) -> str:
    """How every solution begins before the first token is drawn: an opening is no thought, so it ends that."""
    thought = opened_thought(tokenizer)
    return thought + (f"{THOUGHT_END}\n\n" if thought and opening else "") + opening


def prompt_tokens(
    tokenizer: PreTrainedTokenizerBase, questions: Sequence[str], opening: str = ""
) -> list[list[int]]:
    """One list of token ids a question, up to where the solution goes on from its `opening`."""
    given = beginning(tokenizer, opening).removeprefix(opened_thought(tokenizer))
    return _encode(tokenizer, [render(tokenizer, question) + given for question in questions])


def request_tokens(
    tokenizer: PreTrainedTokenizerBase, requests: Iterable[Request], sampling: Sampling
) -> list[list[int]]:
    """The prompt of each request as token ids; the draws of one problem share one list."""
    questions = [sampling.prompt(request.problem.question) for request in requests]
    distinct = list(dict.fromkeys(questions))
    prompts = dict(zip(distinct, prompt_tokens(tokenizer, distinct, sampling.opening), strict=True))
    return [prompts[question] for question in questions]


def completion_tokens(tokenizer: PreTrainedTokenizerBase, completions: Sequence[str]) -> list[list[int]]:
    """One list of token ids a completion, each closed by the end-of-sequence token, less what the prompt has."""
    thought = opened_thought(tokenizer)
    drawn = [completion.removeprefix(thought) for completion in completions]
    return [[*tokens, tokenizer.eos_token_id] for tokens in _encode(tokenizer, drawn)]


def text_maker(tokenizer: PreTrainedTokenizerBase) -> Callable[[Sequence[int]], str]:
    """Makes tokens that were drawn their text, without special tokens save those around thoughts."""
    special = (
        (number, str(token)) for number, token in tokenizer.added_tokens_decoder.items() if token.special
    )
    hidden = {number for number, text in special if text not in (THOUGHT, THOUGHT_END)}

    def text_of(tokens: Sequence[int]) -> str:
        return str(tokenizer.decode([token for token in tokens if token not in hidden]))

    return text_of


def _encode(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """By the block: the tokenizer keeps offsets and masks of all it is given at once, 9 GB for a million."""
    return [
        tokens
        for start in range(0, len(texts), BLOCK)
        for tokens in tokenizer(list(texts[start : start + BLOCK]), add_special_tokens=False)["input_ids"]
    ]
