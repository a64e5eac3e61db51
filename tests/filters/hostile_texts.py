"""Over 300 texts that try to hang, crash, exhaust or fool a judge. None of them says 12, whatever it costs to see.

Built rather than stored, because some are megabytes long. Used for every judge with the gold answer 12.
"""

from collections.abc import Iterator
from itertools import cycle

MARKERS = ("\\boxed{%s}", "The answer is %s", "#### %s", "A: %s", "So $x = %s$, hence \\boxed{%s}")


def hostile_texts() -> Iterator[tuple[str, str]]:
    """Name and whole sample text: each hostile answer behind an answer marker, then texts hostile as a whole."""
    for (name, answer), marker in zip(hostile_answers(), cycle(MARKERS)):
        yield f"{name} in {marker}", marker.replace("%s", answer)
    yield from _whole_texts()


def hostile_answers() -> Iterator[tuple[str, str]]:
    """Name and what stands where the final answer should."""
    for family in (
        _towers,
        _factorials,
        _binomials,
        _nests,
        _unbalanced,
        _long_numbers,
        _expanding,
        _calculus,
        _sets,
        _matrices,
        _code,
        _characters,
        _digits,
        _not_numbers,
        _macros,
        _names,
        _polynomials,
        _hedges,
        _restatements,
        _notations,
    ):
        for number, answer in enumerate(family(), 1):
            yield f"{family.__name__[1:]} {number}", answer


def _towers() -> Iterator[str]:
    for height in (3, 5, 50, 400):
        yield "^".join(["9"] * height)
        yield "**".join(["9"] * height)
        yield "^{9" * height + "}" * height
        yield "9" + "^{9" * height + "}" * height
        yield "(" * height + "9" + "^9)" * height
    yield from (
        "10^10^10",
        "10**10**10",
        "2^{2^{2^{2^{2^{2}}}}}",
        "9^{9^{9^{9}}}",
        "(9^9)^(9^9)",
        "{9^9}^{9^9}",
    )
    yield from (
        "2^{-9^{9^9}}",
        "\\sqrt[9^{9^9}]{2}",
        "e^{e^{e^{e^{e}}}}",
        "x^{x^{x^{x^{x^{99}}}}}",
        "i^{i^{i^{i}}}",
    )
    yield from ("0.9^{9^{9^9}}", "(-1)^{9^{9^9}}", "1^{9^{9^9}} + 12^{9^9}", "\\frac{9^{9^9}}{9^{9^9}-1}")
    yield from (
        "7^(7^(7^(7)))",
        "{{9}^{9}}^{{9}^{9}^{9}}",
        "10^{10^{10}} - 10^{10^{10}} + 13",
        "2^{99999999999}",
    )


def _factorials() -> Iterator[str]:
    for count in (2, 3, 10, 500, 1_900):
        yield "9" + "!" * count
        yield "(" * count + "9" + "!)" * count
    yield from (
        "1000000!",
        "99999999!",
        "10^{9}!",
        "(10^{10^{10}})!",
        "((9!)!)!",
        "\\Gamma(10^{9})",
        "\\gamma(99)",
    )
    yield from (
        "\\Gamma(10^{10^{10}})",
        "1/(9!)!",
        "\\frac{(10^6)!}{(10^6-1)!}",
        "(-1)!",
        "0.5!!",
        "9!^{9!}",
        "x!!!!",
    )


def _binomials() -> Iterator[str]:
    yield from (
        "\\binom{10^{9}}{10^{8}}",
        "\\binom{1000000000}{100000000}",
        "\\binom{9^{9^9}}{2}",
        "C(10^9, 10^8)",
    )
    yield from ("{10000000 \\choose 5000000}", "\\binom{\\binom{99}{9}}{\\binom{99}{9}}", "\\binom{-1}{-1}")
    yield "\\binom{2}{" * 300 + "1" + "}" * 300


def _nests() -> Iterator[str]:
    for depth in (40, 60, 400, 20_000):
        for left, right in (
            ("(", ")"),
            ("[", "]"),
            ("{", "}"),
            ("\\{", "\\}"),
            ("\\left(", "\\right)"),
            ("|", "|"),
        ):
            yield left * depth + "13" + right * depth
        yield "\\frac{1}{1+" * depth + "1" + "}" * depth
        yield "\\frac{" * depth + "1" + "}{2}" * depth
        yield "\\sqrt{" * depth + "2" + "}" * depth
        yield "\\sqrt[3]{1+" * depth + "2" + "}" * depth
        yield "x_{" * depth + "1" + "}" * depth
        yield "-" * depth + "13"
        yield "\\sin(" * depth + "1" + ")" * depth
        yield "f(" * depth + "x" + ")" * depth
    yield from (
        "\\max(" * 200 + "1" + ",2)" * 200,
        "\\gcd(" * 45 + "4" + ",6)" * 45,
        "\\text{" * 400 + "}" * 400,
    )
    yield from ("\\lfloor" * 300 + " 1.5 " + "\\rfloor" * 300, "\\boxed{" * 300 + "13" + "}" * 300)
    yield from ("1+(" * 45 + "1" + ")" * 45, "((1,2)," * 45 + "3" + ")" * 45, "a(" * 45 + "b" + ")" * 45)


def _unbalanced() -> Iterator[str]:
    for bracket in (
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "\\{",
        "\\left(",
        "\\right)",
        "$",
        "\\(",
        "|",
        "\\frac{",
        "\\boxed{",
    ):
        yield bracket + "1" + bracket + "2"  # one bracket alone may be money, or closed by the marker
        yield bracket * 1_500
        yield bracket * 200_000
    yield from (
        "12)}]",
        "\\frac{12}",
        "\\frac12}{",
        "\\sqrt{12",
        "{12",
        "12}}}}",
        "\\begin{pmatrix}12",
        "\\end{pmatrix}",
    )


def _long_numbers() -> Iterator[str]:
    for length in (300, 1_900, 100_000, 1_000_000):
        yield "9" * length
        yield "0." + "3" * length
        yield "1" + "0" * length + "/3"
        yield "1," * length + "000"
    yield from (
        "1e999999999",
        "1E-999999999",
        "1e99999999999999999999",
        "9E9E9E9",
        "1.0e+308^2",
        "1e400 - 1e400 + 13",
    )
    yield from (
        "0" * 1_900 + "13",
        "1_000_000_000_000",
        "0x7fffffffffffffff",
        "1.2.3.4",
        "1,2,3,4,5,6,7,8,9" * 100,
    )


def _expanding() -> Iterator[str]:
    yield from (
        "\\sum_{i=1}^{10^{10}} i",
        "\\sum_{i=1}^{\\infty} i",
        "\\prod_{i=1}^{10^{10}} i",
        "\\sum_{n=1}^{9^{9^9}} n!",
    )
    yield from (
        "\\prod_{k=1}^{1000000} \\sin(k)",
        "\\sum_{i=1}^{100000} \\frac{1}{i!}",
        "\\sum_{i=-\\infty}^{\\infty} x^i",
    )
    yield "\\sum_{i=1}^{99}" * 20 + "i"
    yield "\\prod_{i=1}^{99} (" * 20 + "i" + ")" * 20
    yield from (
        "\\sum_{p} p",
        "\\lim_{n \\to \\infty} n!^{n!}",
        "\\lim_{x \\to 0} \\lim_{y \\to 0} \\frac{x}{y}",
    )


def _calculus() -> Iterator[str]:
    yield from (
        "\\int_0^{10^{10}} e^{x^x} dx",
        "\\int \\int \\int x^{y^z} dx dy dz",
        "\\int e^{-x^2} \\sin(x^3) dx",
    )
    yield from (
        "\\int x dx",
        "\\int_{-\\infty}^{\\infty} e^{e^x} dx",
        "\\int_0^{12} 1 dx",
        "\\int_0^1 \\int_0^1 x^{y} dx dy",
    )
    yield "\\int " * 100 + "x" + " dx" * 100
    yield from (
        "\\frac{d}{dx} " * 60 + "x^{99}",
        "\\frac{d^{999}}{dx^{999}} x^{999}",
        "\\nabla \\times F",
        "\\oint f",
    )
    yield from (
        "\\int_1^2 \\frac{\\sin(\\tan(x^{99}))}{\\log(\\log(x))} dx",
        "\\lim_{h \\to 0} \\frac{f(x+h)-f(x)}{h}",
    )


def _sets() -> Iterator[str]:
    yield "\\{" + ",".join(map(str, range(20_000))) + "\\}"
    yield "\\{" + ",".join(map(str, range(500))) + "\\}"
    yield "\\cup".join(f"({n},{n + 1})" for n in range(150))
    yield "\\cup".join(f"({n},{n + 1})" for n in range(20_000))
    yield "\\cap".join(["(0,1)"] * 200)
    yield "\\setminus".join(["\\mathbb{R}"] * 100)
    yield ",".join(["x"] * 900)
    yield "\\pm ".join(["1"] * 100)
    yield from (
        "(-\\infty,\\infty)\\setminus\\{12\\}",
        "\\mathbb{R}",
        "\\emptyset",
        "\\{\\}",
        "\\{\\{\\{\\}\\}\\}",
        "[12,12)",
    )
    yield from (
        "(12,",
        ",12",
        "{12,12,12",
        "12;12;13",
        "\\{12, \\{12\\}\\}",
        "x \\in \\{11, 12\\}",
        "(12,12)",
        "12 < x < 12",
    )


def _matrices() -> Iterator[str]:
    for size in (10, 30, 300):
        row = "&".join(["x+1"] * size)
        yield "\\begin{pmatrix}" + "\\\\".join([row] * size) + "\\end{pmatrix}"
        yield "\\begin{vmatrix}" + "\\\\".join([row] * size) + "\\end{vmatrix}"
    yield from (
        "\\operatorname{eye}(100000)",
        "\\operatorname{zeros}(99999,99999)",
        "\\operatorname{ones}(10^{9})",
    )
    yield from (
        "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}^{10^{10}}",
        "\\begin{pmatrix}12\\end{pmatrix}^{-9^9}",
    )
    yield (
        "\\begin{vmatrix}"
        + "\\\\".join("&".join(f"x^{{{i * j}}}" for i in range(9)) for j in range(9))
        + "\\end{vmatrix}"
    )
    yield "\\begin{pmatrix}" * 100 + "1" + "\\end{pmatrix}" * 100
    yield "\\operatorname{eigenvals}(\\begin{pmatrix}1&2&3\\\\4&5&6\\\\7&8&x\\end{pmatrix})"
    yield "\\operatorname{svd}(\\begin{pmatrix}a&b&c\\\\d&x&f\\\\g&h&k\\end{pmatrix})"


def _code() -> Iterator[str]:
    yield from (
        "__import__('os').system('echo pwned')",
        "__import__('os')._exit(0) or 12",
        "exec('while 1: pass')",
    )
    yield from (
        "().__class__.__bases__[0].__subclasses__()",
        "(lambda f: f(f))(lambda f: f(f))",
        "eval('1'*10**9)",
    )
    yield from (
        "{0.__class__.__mro__}",
        "%s%s%s%s%n",
        "{12!r:>999999999}",
        "f'{12}'",
        "[12 for x in iter(int, 1)]",
    )
    yield from (
        "open('/etc/passwd').read()",
        "sys.exit(12)",
        "raise SystemExit(12)",
        "print(12)",
        "12 if True else 13",
    )
    yield from (
        "'; drop table verdicts; --",
        "$(reboot)",
        "`reboot`",
        "${jndi:ldap://x}",
        "../../../etc/passwd",
    )
    yield from (
        "Symbol('x').func.__globals__",
        "x.__class__",
        "sympify('12')",
        "S('12')",
        "type('X',(),{})()",
        "12 .real",
    )
    yield from (
        "\\text{__import__('os').abort()}",
        "\\variable{__import__('os')}",
        "\\operatorname{eval}(12)",
        "lambda: 12",
    )
    yield from (
        "def f(): return f()\nf()",
        "[[]]*10**9",
        "'12'*10**9",
        "range(10**12)",
        "yield 12",
        "*12",
        "**{'a': 12}",
    )
    yield from (
        "<script>alert(12)</script>",
        "<b>" * 500 + "13",
        "&lt;12&gt;",
        "<!ENTITY a 'aa'>",
        "]]>",
        "<answer>13</answer>",
    )


def _characters() -> Iterator[str]:
    strange = (
        "\0\1\x07\x08\x0b\x0c\x1b\x7f\x85\xa0\xad\u061c\u180e\u200b\u200d\u200e\u200f\u202e\u2028\u2066\ufeff"
    )
    for character in strange + "\ud800\udfff\ufffe\uffff\U000e0031\U0010ffff\u0301\u20dd":
        yield f"1{character}3"
    yield from (
        "\0" * 100_000,
        "\ud800" * 10_000,
        "\u202e21\u202c0",
        "1" + "\u0301" * 50_000 + "3",
        "\r" * 5_000 + "13",
    )
    yield from (
        " " * 200_000 + "13",
        "\t" * 5_000,
        "\n" * 5_000,
        "1\u30003",
        "\u200b" * 100_000,
        "🔢1️⃣3️⃣",
        "\x1b[2J13",
    )


def _digits() -> Iterator[str]:
    for zero in (0x660, 0x6F0, 0x7C0, 0x966, 0xE50, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7F6, 0x104A0):
        yield chr(zero + 1) + chr(zero + 3)
    yield from (
        "¹³",
        "₁₃",
        "⑬",
        "⒔",
        "Ⅻ plus I",
        "十三",
        "1³",
        "½3",
        "①③",
        "௰",
        "一二三",
        "1\u0663",
        "٣" * 1_500,
        "\u0be7\u0be9",
    )


def _not_numbers() -> Iterator[str]:
    yield from (
        "nan",
        "NaN",
        "-nan",
        "inf",
        "Infinity",
        "-\\infty",
        "\\infty",
        "zoo",
        "oo",
        "\\infty-\\infty",
        "0/0",
        "1/0",
    )
    yield from (
        "\\frac{12}{0}",
        "0^{-1}",
        "\\log(0)",
        "\\frac{0}{0}",
        "None",
        "null",
        "undefined",
        "True",
        "DNE",
        "",
        " ",
        ".",
    )
    yield from (
        "-",
        "+",
        "/",
        "\\",
        "\\\\",
        "^",
        "_",
        "=",
        "12=",
        "=12=13",
        "%",
        "#",
        "&",
        "~",
        "@",
        "?",
        "...",
        "\\ldots",
    )


def _macros() -> Iterator[str]:
    yield from (
        "\\def\\x{\\x\\x}\\x",
        "\\newcommand{\\a}{\\a\\a}\\a",
        "\\input{/etc/passwd}",
        "\\write18{reboot}",
        "12 % 13",
    )
    yield from (
        "\\loop\\iftrue\\repeat",
        "\\csname x\\endcsname",
        "\\catcode`\\{=13",
        "\\include{x}",
        "\\expandafter" * 500,
    )
    yield from (
        "\\def\\a{12}\\b",
        "\\let\\x=\\y",
        "\\phantom{12}",
        "\\rule{1pt}{999999pt}",
        "\\hspace{999999pt}13",
        "\\verb|12|",
    )
    yield from (
        "\\color{white}{12}",
        "\\cancel{12}",
        "\\not 12",
        "\\overline{12}",
        "\\underbrace{12}_{13}",
        "\\stackrel{12}{13}",
    )
    yield from (
        "\\" + "a" * 100_000,
        "\\text" * 2_000,
        "\\left" * 2_000,
        "\\frac" * 2_000,
        "\\sqrt" * 2_000,
        "\\mathrm{" * 500,
    )
    yield "\\begin{" * 500 + "}" * 500


def _names() -> Iterator[str]:
    yield "x" * 1_900
    yield "x" * 1_000_000
    yield "+".join(f"x_{{{n}}}" for n in range(250))
    yield "*".join(f"x_{{{n}}}" for n in range(5_000))
    yield "\\alpha" * 300
    yield "abcdefghijklmnopqrstuvwxyz" * 70
    yield " ".join(["lorem"] * 300)
    yield "a" * 900 + "!" + "b" * 900


def _polynomials() -> Iterator[str]:
    yield from (
        "(x+1)^{10^6}",
        "(x+y+z+w)^{99999}",
        "x^{10^{10^{10}}}+1",
        "(x^{999}-1)/(x-1)",
        "(a+b+c+d+k)^{200}",
    )
    yield "+".join(f"x^{{{n}}}" for n in range(230))
    yield "".join(f"(x-{n})" for n in range(300))
    yield "1+" * 950 + "1"
    yield "1/" * 950 + "2"
    yield "2^{0.5}+" * 200 + "1"
    yield "\\sqrt{2+" * 45 + "x" + "}" * 45
    yield "+".join(f"\\sqrt{{{n}}}" for n in range(2, 180))
    yield "".join(f"(1+\\frac{{1}}{{x+{n}}})" for n in range(90))


def _hedges() -> Iterator[str]:
    yield from (
        "12 or 13",
        "12 and 13",
        "either 12 or 13",
        "12, 13",
        "12/13",
        "not 12",
        "12 \\text{ or } 13",
        "12±1",
    )
    yield from (
        "between 11 and 13",
        "12?",
        "12 (or maybe 13)",
        "less than 12",
        "12 to 13",
        "11 < 12 < 13",
        "> 12",
        "~12.5",
    )
    yield from (
        ", ".join(map(str, range(1_000))),
        " or ".join(map(str, range(500))),
        "12 \\approx 13",
        "1 2",
        "12 thousand",
    )


def _restatements() -> Iterator[str]:
    yield from (
        "f(12)",
        "x + 12",
        "12x",
        "\\text{twelve}",
        "|12|i",
        "12 + C",
        "12_3",
        "12_{13}",
        "12_a",
        "(12)_3",
        "12'",
        "12''",
    )
    yield from (
        "x = 12 = 13",
        "12 = 13",
        "x = 11 = 12",
        "x + 3 = 12",
        "y' = 12",
        "12 : 13",
        "12:00",
        "12 \\pmod{13}",
        "12!/1!",
    )


def _notations() -> Iterator[str]:
    yield from (
        "-12",
        "1.2",
        "0.12",
        "12^\\circ 13'",
        "1\\,2\\,3",
        "12e0e0",
        "12^{T}x",
        "12 \\cdot",
        "\\cdot 12 x",
    )
    yield from (
        "12 + 10^{-60}",
        "12 - 10^{-300}",
        "11.\\overline{9}8",
        "12.0000000000000001",
        "11.9999999999999999",
        "12i^2",
    )
    yield from (
        "(6)(3)",
        "6(3)",
        "2 6",
        "6 6",
        "1^2",
        "1_2",
        "2^3^2",
        "3!!",
        "\\langle 12, 13 \\rangle",
        "12\\text{ million}",
    )


def _whole_texts() -> Iterator[tuple[str, str]]:
    yield "nested boxes", "\\boxed{" * 50_000 + "13" + "}" * 50_000
    yield "open boxes", "\\boxed{" * 200_000
    yield "thousands of boxes", "".join(f"\\boxed{{{n}}}\n" for n in range(13, 20_000))
    yield "different boxes on one line", " ".join(f"\\boxed{{{n}}}" for n in range(2_000))
    yield "thousands of answers", "".join(f"The answer is {n}. " for n in range(13, 20_000))
    yield "answer is without end", "the answer is " * 50_000
    yield "answer lines", "A: 13\n" * 50_000
    yield "hash lines", "#### 13\n" * 50_000
    yield "braces", "{" * 3_000_000
    yield "closing braces", "}" * 3_000_000
    yield "balanced braces", "\\boxed{" + "{" * 400_000 + "13" + "}" * 400_000 + "}"
    yield "dollars", "$" * 1_000_000
    yield "asterisks", "**" * 500_000 + "13"
    yield "one long line", "13 " * 1_000_000
    yield "null bytes", "\0" * 1_000_000
    yield "surrogates", "\ud83d" * 200_000 + "\\boxed{13}"
    yield "backslashes", "\\" * 1_000_000
    yield "calculator marks", "<<" * 200_000 + "1+1=2" + ">>" * 200_000
    yield "false sums", "1+1=13\n" * 50_000
    yield "equals", "=" * 500_000
    yield "nothing", ""
    yield "blank", " \n" * 100_000
    yield "two markers at odds", "#### 12\n\\boxed{13}"
    yield "a box that changes its mind", "\\boxed{12} no, wait: \\boxed{13}"
    yield "box cut off", "\\boxed{12"
    yield "code fence", "```python\nprint(12)\n```\n" * 5_000
