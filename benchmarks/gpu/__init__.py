"""Engines and trainers on a GPU, with a randomly initialised model: speeds do not depend on what weights say.

versions  what is installed
limits    what the hardware can do: bandwidth, matrix products
models    the checkpoint that is measured with
sampling  engines beside their peers and the roofline
judged    vLLM from the requests to what is stored, beside the bare call
training  fine-tuning beside the matrix products
rounds    a round of self-play, and in how much of it the engine waited
"""
