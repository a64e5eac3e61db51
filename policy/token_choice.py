"""Choosing the next token: greedy, or the inverse of the cumulative distribution at a given uniform."""

import torch


def choose(logits: torch.Tensor, uniforms: torch.Tensor, temperature: float, top_p: float) -> torch.Tensor:
    """Token ids (rows,) from logits (rows, vocabulary) and uniforms in [0, 1) (rows,).

    Temperature 0 is greedy. `top_p` keeps the smallest set of tokens whose mass reaches it
    (nucleus sampling, Holtzman et al. 2020).
    """
    if temperature == 0:
        return logits.argmax(-1)
    probabilities = torch.softmax(logits.float() / temperature, dim=-1)
    if top_p >= 1:  # nothing is left out, so any order does, and sorting a large vocabulary takes long
        cumulative = probabilities.cumsum(-1)
        return torch.searchsorted(
            cumulative, uniforms.unsqueeze(-1) * cumulative[:, -1:], right=True
        ).squeeze(-1)
    ordered, tokens = probabilities.sort(dim=-1, descending=True, stable=True)
    cumulative = ordered.cumsum(-1)
    kept = (cumulative - ordered < top_p).sum(-1, keepdim=True).clamp_min(1)
    mass = cumulative.gather(-1, kept - 1)  # of the nucleus, read here so that no rounding reaches past it
    place = torch.searchsorted(cumulative, uniforms.unsqueeze(-1) * mass, right=True)
    return tokens.gather(-1, place).squeeze(-1)
