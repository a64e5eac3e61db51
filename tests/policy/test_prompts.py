"""Prompts: through the checkpoint's own template, in blocks, the same for sampling and for training."""

from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerBase

from policy import checkpoint, prompts
from policy.prompts import beginning, completion_tokens, opened_thought, prompt_tokens, render, text_maker
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


@pytest.fixture
def thinking(chat_checkpoint: Path) -> PreTrainedTokenizerBase:
    """A tokenizer whose template opens the thought and whose marks of a thought are special tokens."""
    _, tokenizer = checkpoint.load(chat_checkpoint)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<think>", "</think>"]})
    tokenizer.chat_template += "{% if add_generation_prompt %}<think>\n{% endif %}"
    return tokenizer


def test_a_thought_that_the_template_opens_begins_the_text(thinking: PreTrainedTokenizerBase) -> None:
    assert opened_thought(thinking) == beginning(thinking, "") == "<think>\n"
    (prompt,) = prompt_tokens(thinking, ["Add 1+2"])
    assert thinking.decode(prompt).endswith("assistant\n<think>\n")
    assert opened_thought(character_tokenizer()) == ""


def test_an_opening_ends_the_thought(thinking: PreTrainedTokenizerBase) -> None:
    assert beginning(thinking, "A: ") == "<think>\n</think>\n\nA: "
    (prompt,) = prompt_tokens(thinking, ["Add 1+2"], "A: ")
    assert thinking.decode(prompt).endswith("assistant\n<think>\n</think>\n\nA: ")


def test_the_marks_of_a_thought_stay_and_other_special_tokens_go(thinking: PreTrainedTokenizerBase) -> None:
    tokens = thinking("1+2=3\n</think>\n\nA: 3<|im_end|>", add_special_tokens=False)["input_ids"]
    assert text_maker(thinking)(tokens) == "1+2=3\n</think>\n\nA: 3"
    plain = character_tokenizer()
    drawn = plain("A: 3<eos>", add_special_tokens=False)["input_ids"] + [
        plain.unk_token_id,
        plain.pad_token_id,
    ]
    assert text_maker(plain)(drawn) == plain.decode(drawn, skip_special_tokens=True) == "A: 3"


def test_training_draws_what_sampling_drew(thinking: PreTrainedTokenizerBase) -> None:
    drawn = thinking("1+2=3\n</think>\n\nA: 3", add_special_tokens=False)["input_ids"]
    text = beginning(thinking, "") + text_maker(thinking)(drawn)
    assert completion_tokens(thinking, [text]) == [[*drawn, thinking.eos_token_id]]
