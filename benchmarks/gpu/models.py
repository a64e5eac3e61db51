"""A Qwen2-shaped checkpoint with random weights and the shipped base's tokenizer.

Weights are random but for one number a token, by which it draws the tokenizer's characters and nothing else: texts are
texts, which cost their judges something, and none ends before its last token.
"""

from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase, Qwen2Config, Qwen2ForCausalLM

from policy import checkpoint

TINY = Path(checkpoint.__file__).parent / "tiny"
CONTEXT = 2048
PULL = 10.0  # layers add about 2 to it
HALF_BILLION = {
    "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14,
    "num_key_value_heads": 2, "vocab_size": 151_936,
}  # fmt: skip
REHEARSAL = {
    "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "vocab_size": 100,
}  # fmt: skip


def build(folder: Path, small: bool) -> int:
    """Write it; returns its number of parameters."""
    tokenizer = checkpoint.load_tokenizer(TINY)
    torch.manual_seed(0)
    config = Qwen2Config(
        **(REHEARSAL if small else HALF_BILLION),
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen2ForCausalLM(config)
    _draw_characters_alone(model, tokenizer)
    checkpoint.save(model, tokenizer, folder, torch.bfloat16)
    return sum(parameter.numel() for parameter in model.parameters())


@torch.no_grad()
def _draw_characters_alone(model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerBase) -> None:
    """Embeddings are the head's weights, too: prompts bring the first of their numbers, and it says what follows."""
    special = set(tokenizer.all_special_ids)
    characters = [token for token in tokenizer.get_vocab().values() if token not in special]
    pull = torch.full((model.config.vocab_size,), -PULL)
    pull[characters] = PULL
    model.get_input_embeddings().weight[:, 0] = pull
