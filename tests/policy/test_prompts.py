"""Prompts: through the checkpoint's own template, in blocks, the same for sampling and for training."""

from pathlib import Path

import pytest

from policy import checkpoint, prompts
from policy.prompts import completion_tokens, prompt_tokens, render
from policy.tiny_model import character_tokenizer


def test_a_chat_template_is_used_where_there_is_one(chat_checkpoint: Path) -> None:
    _, tokenizer = checkpoint.load(chat_checkpoint)
    expected = "<|im_start|>user\nAdd 1+2<|im_end|>\n<|im_start|>assistant\n"
    assert render(tokenizer, "Add 1+2") == expected
    (tokens,) = prompt_tokens(tokenizer, ["Add 1+2"])
    assert tokenizer.decode(tokens) == expected
    assert tokens[0] == tokenizer.convert_tokens_to_ids("<|im_start|>")


def test_without_a_template_a_question_is_a_line(chat_checkpoint: Path) -> None:
    _, tokenizer = checkpoint.load(chat_checkpoint)
    tokenizer.chat_template = None
    assert render(tokenizer, "Add 1+2") == "Add 1+2\n"
    tiny = character_tokenizer()
    tiny.chat_template = None
    assert render(tiny, "Add 1+2") == "<bos>Add 1+2\n"
    assert prompt_tokens(tiny, ["a"])[0][0] == tiny.bos_token_id


def test_a_completion_is_closed_and_not_opened() -> None:
    tokenizer = character_tokenizer()
    completions = completion_tokens(tokenizer, ["A: 3", ""])
    assert [tokenizer.decode(tokens) for tokens in completions] == ["A: 3<eos>", "<eos>"]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = character_tokenizer()
    questions = [f"Add {i}+1" for i in range(7)]
    whole = prompt_tokens(tokenizer, questions)
    monkeypatch.setattr(prompts, "BLOCK", 3)
    assert prompt_tokens(tokenizer, questions) == whole
    assert prompt_tokens(tokenizer, []) == []
