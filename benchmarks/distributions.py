"""Do the engines sample from one distribution? The first tokens of 10,000 answers each, by a chi-square test.

python -m benchmarks.distributions [--server URL]        the server, if any, has the shipped base
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec

import mpmath

from flows.settings import SHIPPED_BASE
from generators import FAMILIES
from policy.engine import Engine, Sampling, requests_for
from policy.server.settings import Server
from policy.server_engine import ServerEngine
from policy.transformers_engine import TransformersEngine

SAMPLES = 10_000
PROBLEM = FAMILIES["sort_string"].generate(
    12, 3
)  # beyond the base's reach, so that it does not always say the same
SAMPLING = Sampling(temperature=1.0, max_new_tokens=8)
FEWEST = 5.0  # expected in a class of texts, or it joins the others that are rare


def texts(engine: Engine, seed: str, samples: int = SAMPLES) -> Counter[str]:
    """How often the engine begins an answer in which way; `seed` keeps two engines' draws apart."""
    return Counter(s.text for s in engine.generate(requests_for([PROBLEM], samples, seed), SAMPLING))


def homogeneity(one: Counter[str], other: Counter[str]) -> tuple[float, int, float]:
    """Pearson's chi-square of the hypothesis that both are draws from one distribution.

    Returns it with its degrees of freedom and its p-value. Rare classes are one, so that the approximation holds.
    """
    n, m = one.total(), other.total()
    frequent = [key for key in one | other if (one[key] + other[key]) * min(n, m) / (n + m) >= FEWEST]
    pairs = [(one[key], other[key]) for key in frequent]
    rest = n - sum(a for a, _ in pairs), m - sum(b for _, b in pairs)
    pairs += [rest] * any(rest)
    chi = sum((a * m - b * n) ** 2 / (n * m * (a + b)) for a, b in pairs)
    freedom = len(pairs) - 1
    return chi, freedom, float(mpmath.gammainc(freedom / 2, chi / 2, regularized=True))


def engines(server: str | None) -> Iterator[tuple[str, Engine]]:
    yield "transformers", TransformersEngine("tiny", SHIPPED_BASE)
    if find_spec("vllm"):
        from policy.vllm_engine import VllmEngine, VllmSettings

        yield "vllm", VllmEngine("tiny", SHIPPED_BASE, VllmSettings())
    if server:
        yield "server", ServerEngine("tiny", SHIPPED_BASE, Server(url=server, weights="fixed"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--server", metavar="URL")
    first: tuple[str, Counter[str]] | None = None
    for name, engine in engines(parser.parse_args().server):
        drawn = texts(engine, name)
        engine.close()
        print(f"{name:<14} {drawn.total():,} samples, {len(drawn):,} different")
        if first is None:
            first = name, drawn
            chi, freedom, p_value = homogeneity(
                drawn, texts(TransformersEngine("tiny", SHIPPED_BASE), "again")
            )
            print(
                f"{'':<14} against itself: chi-square {chi:.1f}, {freedom} degrees of freedom, p = {p_value:.3f}"
            )
        else:
            chi, freedom, p_value = homogeneity(first[1], drawn)
            print(
                f"{'':<14} against {first[0]}: chi-square {chi:.1f}, {freedom} degrees of freedom, p = {p_value:.3f}"
            )


if __name__ == "__main__":
    main()
