"""What an answer may be written with, and the kind of token that each command, word and sign becomes."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _by_spelling(spellings: dict[str, str]) -> dict[str, str]:
    """The kind by each of its spellings, from the spellings of each kind."""
    return {spelling: kind for kind, written in spellings.items() for spelling in written.split()}


FUNCTIONS = _words(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp sqrt cbrt abs gcd lcm max min"
)
GREEK = _words(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau"
    " upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell"
)
ALWAYS_FUNCTIONS = _words("f g h phi varphi sigma tau Gamma")  # before a bracket
OFTEN_FUNCTIONS = _words("F G H L N P Q R S T W delta Delta mu psi Phi Psi omega zeta")
UNITS = _words("mm cm dm km in ft yd mi kg mg lb oz ml cl hr min sec mph kph rad")
INFINITIES = _words("inf infinity oo Infinity")
PLAIN = _words("sqrt pi or and")  # words that are kinds themselves

COMMANDS = _by_spelling(
    {
        "frac": "frac dfrac tfrac cfrac nicefrac",
        "binom": "binom dbinom tbinom",
        "pi": "pi",
        "circ": "circ",
        "deg": "degree",
        "inf": "infty",
        "*": "cdot times ast",
        "/": "div",
        "pm": "pm",
        "mp": "mp",
        ":": "colon",
        "<": "lt",
        ">": "gt",
        "<=": "le leq leqq leqslant",
        ">=": "ge geq geqq geqslant",
        "!=": "ne neq",
        "approx": "approx",
        "in": "in",
        "cup": "cup",
        "cap": "cap",
        "setminus": "setminus backslash",
        "empty": "emptyset varnothing",
        "|": "lvert rvert vert mid",
        "lfloor": "lfloor",
        "rfloor": "rfloor",
        "lceil": "lceil",
        "rceil": "rceil",
        "[": "lbrack",
        "]": "rbrack",
        "(": "langle",
        ")": "rangle",
        "\\{": "lbrace",
        "\\}": "rbrace",
        "overline": "overline",
        "dots": "dots ldots cdots",
    }
)
IGNORED = _words(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle limits quad qquad"
    " underline boldsymbol mathbf mathit mathsf rm bf it"
)
SIGNS = _by_spelling(
    {
        "*": "× · ⋅ ∙ *",
        "/": "÷ / ⁄",
        "-": "− – -",
        "pm": "±",
        "mp": "∓",
        "sqrt": "√",
        "pi": "π",
        "inf": "∞",
        "deg": "°",
        "<=": "≤",
        ">=": "≥",
        "!=": "≠",
        "approx": "≈",
        "in": "∈",
        "cup": "∪",
        "cap": "∩",
        "setminus": "∖",
        "empty": "∅",
        "reals": "ℝ",
        "dots": "…",
        "theta": "θ",
        "alpha": "α",
        "beta": "β",
        "lambda": "λ",
        "mu": "µ μ",
    }
)
ESCAPED = {"\\|": "|", "\\%": "%", "\\$": "$", "\\{": "\\{", "\\}": "\\}"}
PAIRS = {"==": "=", "**": "^", "<=": "<=", ">=": ">=", "!=": "!="}
VULGAR_FRACTIONS = str.maketrans(
    {
        sign: f"\\frac{{{above}}}{{{below}}}"
        for sign, above, below in zip("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞", "112131234151357", "233445555668888", strict=True)
    }
)
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
