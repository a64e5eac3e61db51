"""The head of the card, in YAML: what `datasets` and the Hub read. Nothing in it comes from outside."""

from warehouse.export.configs import CONFIGS

_SIZES = {  # the Hub's names, by the first number that is too many
    10**3: "n<1K",
    10**4: "1K<n<10K",
    10**5: "10K<n<100K",
    10**6: "100K<n<1M",
    10**7: "1M<n<10M",
    10**8: "10M<n<100M",
    10**9: "100M<n<1B",
    10**10: "1B<n<10B",
}


def head(rows: dict[str, dict[str, int]], licences: list[str], tags: list[str]) -> str:
    """The block between the dashes. `rows` has for each config the rows of each split.

    A split without rows has no file, and is left out.
    """
    filled = {name: [split for split, count in splits.items() if count] for name, splits in rows.items()}
    lines = ["---"]
    if licences:
        lines += ["license:", *(f"- {license}" for license in licences)]
    lines += ["task_categories:", "- text-generation", "tags:", *(f"- {tag}" for tag in tags)]
    lines += ["size_categories:", f"- {_size(sum(sum(splits.values()) for splits in rows.values()))}"]
    lines += ["configs:"] if any(filled.values()) else ["configs: []"]
    default = next((name for name in CONFIGS if filled[name]), None)
    for name, splits in filled.items():
        if splits:
            lines += [f"- config_name: {name}", "  data_files:"]
            for split in splits:
                lines += [f"  - split: {split}", f"    path: {name}/{split}-*.parquet"]
            lines += ["  default: true"] if name == default else []
    return "\n".join([*lines, "---"])


def _size(rows: int) -> str:
    return next((name for limit, name in _SIZES.items() if rows < limit), "10B<n<100B")
