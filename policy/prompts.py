"""How a question becomes the tokens that a policy sees: its own chat template, or the question and a newline.

Sampling and fine-tuning both come through here, so a policy is trained on what it will be asked.
"""

from collections.abc import Iterable, Sequence

from transformers import PreTrainedTokenizerBase

from policy.engine import Request, Sampling

BLOCK = 4096


def render(tokenizer: PreTrainedTokenizerBase, question: str) -> str:
    """The prompt text, ready to be continued by a solution."""
    if tokenizer.chat_template is None:
        return f"{tokenizer.bos_token or ''}{question}\n"
    turns = [{"role": "user", "content": question}]
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))


def prompt_tokens(
    tokenizer: PreTrainedTokenizerBase, questions: Sequence[str], opening: str = ""
) -> list[list[int]]:
    """One list of token ids a question, up to where the solution goes on from its `opening`."""
    return _encode(tokenizer, [render(tokenizer, question) + opening for question in questions])


def request_tokens(
    tokenizer: PreTrainedTokenizerBase, requests: Iterable[Request], sampling: Sampling
) -> list[list[int]]:
    """The prompt of each request as token ids; the draws of one problem share one list."""
    questions = [sampling.prompt(request.problem.question) for request in requests]
    distinct = list(dict.fromkeys(questions))
    prompts = dict(zip(distinct, prompt_tokens(tokenizer, distinct, sampling.opening), strict=True))
    return [prompts[question] for question in questions]


def completion_tokens(tokenizer: PreTrainedTokenizerBase, completions: Sequence[str]) -> list[list[int]]:
    """One list of token ids a completion, each closed by the end-of-sequence token."""
    return [[*tokens, tokenizer.eos_token_id] for tokens in _encode(tokenizer, completions)]


def _encode(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """By the block: the tokenizer keeps offsets and masks of all it is given at once, 9 GB for a million."""
    return [
        tokens
        for start in range(0, len(texts), BLOCK)
        for tokens in tokenizer(list(texts[start : start + BLOCK]), add_special_tokens=False)["input_ids"]
    ]
