"""Numbers as a reader wants them: three figures, a unit, no more."""


def brief(count: float) -> str:
    """640, 12.3k, 4.56M"""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if count >= size:
            scaled = count / (1e3 if unit == "k" else size)
            return f"{scaled:.{max(0, 3 - len(str(int(scaled))))}f}{unit}"
    return f"{count:,.0f}"


def duration(seconds: float) -> str:
    """8.4 s, 3 min 20 s, 2 h 05 min"""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def p_value(p: float | None) -> str:
    """0.031, 2e-07, or a dash where no test was made."""
    if p is None or p != p:
        return "–"
    return f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"
