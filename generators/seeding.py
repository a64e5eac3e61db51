"""The one random stream that a (family, level, seed) names, in every process."""

from random import Random

from curriculum.records import content_key


def stream(family: str, level: int, seed: int, top_level: int) -> Random:
    """A generator seeded by a hash, so neighbouring seeds share nothing; ValueError off the levels."""
    if not 1 <= level <= top_level:
        raise ValueError(f"{family} has levels 1 to {top_level}, not {level}")
    return Random(content_key("stream", family, level, seed))
