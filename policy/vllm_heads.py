"""What a vLLM server on a CPU needs in order to take new weights whole: another method of its workers.

There vLLM 0.32 multiplies by a packed copy of an output head. `reload_weights` packs anew what it finds in a
checkpoint, and a head that shares its weights with the embedding is not found there: it would stay the old one, and
the samples would be of a model that nobody trained. So the server is started with

    --worker-extension-cls policy.vllm_heads.RepackHeads

from this folder, and `repack_heads` follows each reload.
"""

from vllm.model_executor.layers.vocab_parallel_embedding import ParallelLMHead


class RepackHeads:
    """One more method of a vLLM worker."""

    def repack_heads(self) -> None:
        """Have every output head multiply by the weights that it has now."""
        for layer in self.get_model().modules():  # type: ignore[attr-defined]
            if isinstance(layer, ParallelLMHead):
                layer.quant_method.process_weights_after_loading(layer)
