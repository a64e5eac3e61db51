"""The shipped base's shape and tokenizer: small, plain, and wide enough for every problem."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from generators import FAMILIES
from policy import checkpoint
from policy.prompts import render
from policy.tiny_model import CHARACTERS, CONTEXT, character_tokenizer, random_model

TOKENIZER = character_tokenizer()


def ids(text: str) -> list[int]:
    return list(TOKENIZER(text, add_special_tokens=False)["input_ids"])


@given(st.text(alphabet=CHARACTERS.replace("<", ""), max_size=80))
def test_printable_text_comes_back_a_token_a_character(text: str) -> None:
    assert len(ids(text)) == len(text)
    assert TOKENIZER.decode(ids(text)) == text


def test_all_of_printable_ascii_and_nothing_else_has_a_token() -> None:
    assert len(CHARACTERS) == 96
    assert ids(CHARACTERS) == list(range(4, 100))
    assert ids("é\t") == [TOKENIZER.unk_token_id] * 2


def test_the_chat_template_is_a_line(tmp_path: Path) -> None:
    assert render(TOKENIZER, "Add 1+2") == "<bos>Add 1+2\n"
    turns = [{"role": "user", "content": "Add 1+2"}, {"role": "assistant", "content": "A: 3"}]
    assert TOKENIZER.apply_chat_template(turns, tokenize=False) == "<bos>Add 1+2\nA: 3<eos>"


@pytest.mark.parametrize("name", FAMILIES)
def test_every_problem_and_its_solution_fit(name: str) -> None:
    family = FAMILIES[name]
    for seed in range(100):
        problem = family.generate(family.top_level, seed)
        tokens = ids(render(TOKENIZER, problem.question) + family.reference(problem))
        assert TOKENIZER.unk_token_id not in tokens
        assert len(tokens) < CONTEXT / 2


def test_it_is_small_and_loads_without_remote_code(tmp_path: Path) -> None:
    model = random_model(7)
    assert sum(parameter.numel() for parameter in model.parameters()) <= 3_000_000
    checkpoint.save(model, TOKENIZER, tmp_path / "tiny", torch.bfloat16)
    assert sum(file.stat().st_size for file in (tmp_path / "tiny").iterdir()) <= 8_000_000
    assert not list((tmp_path / "tiny").glob("*.py"))
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "tiny", trust_remote_code=False)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "tiny", trust_remote_code=False)
    assert tokenizer(CHARACTERS)["input_ids"] == ids(CHARACTERS)
    assert tokenizer.chat_template == TOKENIZER.chat_template
    assert (tokenizer.pad_token, tokenizer.bos_token, tokenizer.eos_token) == ("<pad>", "<bos>", "<eos>")
    assert loaded.generation_config.eos_token_id == tokenizer.eos_token_id == 2
    assert tokenizer.model_max_length == loaded.config.max_position_embeddings == CONTEXT
    state = model.state_dict()
    assert all(torch.equal(state[name], value) for name, value in loaded.state_dict().items())


def test_the_seed_makes_the_model() -> None:
    one, same, other = (random_model(seed).model.embed_tokens.weight for seed in (7, 7, 8))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
