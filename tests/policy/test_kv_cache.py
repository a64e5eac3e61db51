"""Cohorts against transformers' own cache; and kinds of model whose rows cannot come one by one."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import (
    DeepseekV3Config,
    DeepseekV3ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPTJConfig,
    GPTJForCausalLM,
    Lfm2Config,
    Lfm2ForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    PreTrainedModel,
)
from transformers.cache_utils import DynamicLayer

from generators import FAMILIES
from policy import checkpoint
from policy.cohorts import BLOCK, Cohort
from policy.engine import Sampling, requests_for
from policy.prompts import prompt_tokens
from policy.tiny_model import character_tokenizer
from policy.transformers_engine import TransformersEngine

PROBLEMS = [family.generate(level, 0) for family in FAMILIES.values() for level in (1, 4)]
TOKENS = 40


def states(columns: int, rows: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(rows, 2, columns, 4), torch.randn(rows, 2, columns, 5)  # values may be wider than keys


def test_columns_come_as_in_transformers_own_cache() -> None:
    ours, theirs = Cohort(torch.tensor([0, 4, 6])), DynamicLayer()
    for columns in (7, 1, 1, BLOCK, 1, 2 * BLOCK):
        new = states(columns)
        shown, expected = ours.extend(0, *new), theirs.update(*new)
        assert all(torch.equal(one, other) for one, other in zip(shown, expected, strict=True))
    rows = torch.tensor([2, 0, 0])
    ours.select(rows)
    theirs.reorder_cache(rows)
    new = states(1)
    shown, expected = ours.extend(0, *new), theirs.update(*new)
    assert all(torch.equal(one, other) for one, other in zip(shown, expected, strict=True))
    assert ours.starts.tolist() == [6, 0, 0]


def test_a_token_sees_its_row_from_the_prompt_to_itself() -> None:
    cohort = Cohort(torch.tensor([0, 2]))

    def seen() -> list[list[list[int]]]:
        """Of each row the columns that each token sees."""
        return [[token.isfinite().nonzero().flatten().tolist() for token in row[0]] for row in cohort.mask]

    cohort.widen(4, torch.float32)
    assert seen()[0] == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]
    assert seen()[1][2:] == [[2], [2, 3]]
    assert all(seen()[1])  # padding, too: attention to nothing is not a number
    cohort.widen(1, torch.float32)
    assert seen() == [[[0, 1, 2, 3, 4]], [[2, 3, 4]]]


SHAPE = {
    "vocab_size": len(character_tokenizer()),
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "initializer_range": 0.3,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
KINDS: dict[str, tuple[Callable[[], PreTrainedModel], bool]] = {
    "sliding window": (lambda: MistralForCausalLM(MistralConfig(sliding_window=16, **SHAPE)), False),
    "sliding and full": (
        lambda: Gemma3ForCausalLM(Gemma3TextConfig(sliding_window=16, head_dim=8, **SHAPE)),
        False,
    ),
    "full": (lambda: MistralForCausalLM(MistralConfig(sliding_window=None, **SHAPE)), True),
    "learned positions": (
        lambda: OPTForCausalLM(OPTConfig(ffn_dim=64, word_embed_proj_dim=32, **SHAPE)),
        True,
    ),
    "keys narrower than values": (
        lambda: DeepseekV3ForCausalLM(
            DeepseekV3Config(
                n_routed_experts=4,
                n_group=1,
                topk_group=1,
                num_experts_per_tok=2,
                first_k_dense_replace=1,
                moe_intermediate_size=16,
                q_lora_rank=8,
                kv_lora_rank=8,
                qk_rope_head_dim=4,
                qk_nope_head_dim=4,
                v_head_dim=16,
                **SHAPE | {"num_key_value_heads": 4},
            )
        ),
        True,
    ),
    "attention of its own": (
        lambda: GPTJForCausalLM(
            GPTJConfig(
                vocab_size=SHAPE["vocab_size"], n_embd=32, n_layer=2, n_head=4, rotary_dim=4, eos_token_id=2
            )
        ),
        False,
    ),
    "convolutions": (
        lambda: Lfm2ForCausalLM(Lfm2Config(layer_types=["conv", "full_attention"] * 2, **SHAPE)),
        False,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_draws_what_it_draws_alone(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "compute_dtype", lambda: torch.float32)
    make, rows_move_in = KINDS[kind]
    torch.manual_seed(0)
    tokenizer = character_tokenizer()
    checkpoint.save(make(), tokenizer, tmp_path / "model")
    engine = TransformersEngine("p", tmp_path / "model", concurrent=5)
    model = engine._model
    assert engine._new_cache().takes_more == rows_move_in
    found = {
        s.problem_key: s.text for s in engine.generate(requests_for(PROBLEMS, 1), Sampling(0.0, 1.0, TOKENS))
    }
    for problem in PROBLEMS:
        prompt = torch.tensor(prompt_tokens(tokenizer, [problem.question]))
        whole = model.generate(prompt, max_new_tokens=TOKENS, do_sample=False, pad_token_id=0)
        assert found[problem.key] == tokenizer.decode(whole[0, prompt.shape[1] :], skip_special_tokens=True)
    assert len(set(found.values())) > len(PROBLEMS) / 2

    def drawn(rows: int) -> dict[tuple[str, int], str]:
        engine = TransformersEngine("p", tmp_path / "model", rows)
        samples = engine.generate(requests_for(PROBLEMS[:4], 5, 0), Sampling(1.0, 1.0, TOKENS))
        return {(s.problem_key, s.draw): s.text for s in samples}

    assert drawn(20) == drawn(1)  # draws that begin together share what was read of their prompt


def test_a_model_without_attention_is_refused_in_words(tmp_path: Path) -> None:
    shape = {name: SHAPE[name] for name in ("vocab_size", "hidden_size", "pad_token_id", "eos_token_id")}
    model = MambaForCausalLM(MambaConfig(num_hidden_layers=2, state_size=4, **shape))
    checkpoint.save(model, character_tokenizer(), tmp_path / "mamba")
    with pytest.raises(checkpoint.BadCheckpoint, match="models with attention; here is none"):
        TransformersEngine("p", tmp_path / "mamba")
