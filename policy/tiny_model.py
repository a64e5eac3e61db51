"""The architecture and the tokenizer of the shipped base: a small rotary Llama over characters.

Wide and shallow, because on a CPU a few large products are quicker than many small ones.
"""

import string

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")
CHARACTERS = "\n" + "".join(sorted(string.printable[:95]))
CONTEXT = 512  # characters; the longest shipped problem with its solution has about 220
TEMPLATE = (
    "{% for turn in messages %}"
    "{% if turn['role'] == 'user' %}{{ bos_token }}{{ turn['content'] }}\n"
    "{% elif turn['role'] == 'assistant' %}{{ turn['content'] }}{{ eos_token }}{% endif %}"
    "{% endfor %}"
)


def character_tokenizer() -> PreTrainedTokenizerFast:
    """One token a printable ASCII character or newline; anything else is `<unk>`."""
    vocabulary = {token: i for i, token in enumerate((*SPECIAL, *CHARACTERS))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    tokenizer.decoder = decoders.Fuse()
    pad, bos, eos, unk = SPECIAL
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=pad,
        bos_token=bos,
        eos_token=eos,
        unk_token=unk,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = TEMPLATE
    return fast


def random_model(seed: int) -> LlamaForCausalLM:
    """An untrained 1.8M-parameter Llama, the same for the same seed."""
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(SPECIAL) + len(CHARACTERS),
            hidden_size=192,
            intermediate_size=512,
            num_hidden_layers=4,
            num_attention_heads=6,
            num_key_value_heads=6,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        )
    )
