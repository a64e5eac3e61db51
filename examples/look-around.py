"""Look around in a home: frontier, promotions, spend, and what is worth a human look.

    marimo edit examples/look-around.py -- --home runs/demo

opens it in the browser. It reads the home as it is now, also while a run is writing to it.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Look around")


@app.cell
def _():
    import marimo as mo
    import matplotlib.pyplot as plt

    from warehouse.query import open_reader

    return mo, open_reader, plt


@app.cell
def _(mo):
    home = mo.ui.text(mo.cli_args().get("home") or "runs/demo", label="home", full_width=True)
    home
    return (home,)


@app.cell
def _(home, open_reader):
    con = open_reader(home.value)

    def rows(sql):
        result = con.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    return (rows,)


@app.cell
def _(mo, rows):
    checkpoints = rows("from checkpoints where judged > 0 order by round")
    told = [c for c in checkpoints if c["decision"] in ("base", "promoted")]
    mo.md(
        f"## Promotions\n\n{len(told) - 1} of {len(checkpoints) - 1} candidates promoted; held-out pass rate"
        f" {told[0]['pass_rate']:.3f} under the base, {told[-1]['pass_rate']:.3f} now."
        if told
        else "## Promotions\n\nNo checkpoint of this home has been evaluated."
    )
    return (checkpoints,)


@app.cell
def _(checkpoints, plt):
    def intervals(found, colour, label):
        low = [c["pass_rate"] - c["low"] for c in found]
        high = [c["high"] - c["pass_rate"] for c in found]
        places = [c["round"] for c in found], [c["pass_rate"] for c in found]
        axes.errorbar(*places, yerr=(low, high), fmt="o", color=colour, capsize=3, label=label)

    held_out, axes = plt.subplots(figsize=(8, 3), layout="constrained")
    intervals([c for c in checkpoints if c["decision"] != "refused"], "#17558f", "base, promoted")
    intervals([c for c in checkpoints if c["decision"] == "refused"], "#c0392b", "refused")
    axes.set(xlabel="round", ylabel="held-out pass rate, 95%")
    axes.legend()
    held_out
    return (held_out,)


@app.cell
def _(mo, rows):
    frontier = rows("from frontier order by family, level")
    mo.md(f"## Frontier\n\n{len(frontier)} cells that the newest round believed neither hopeless nor done.")
    return (frontier,)


@app.cell
def _(frontier, plt):
    beliefs, cells = plt.subplots(figsize=(8, 1 + 0.22 * len(frontier)), layout="constrained")
    names = [f"{cell['family']} {cell['level']}" for cell in frontier]
    low = [cell["mean"] - cell["low"] for cell in frontier]
    high = [cell["high"] - cell["mean"] for cell in frontier]
    cells.errorbar([cell["mean"] for cell in frontier], names, xerr=(low, high), fmt="o", color="#17558f")
    cells.set(xlabel="pass rate that we believe in, 95%", xlim=(0, 1))
    beliefs
    return (beliefs,)


@app.cell
def _(mo, rows):
    costs = rows("select stage, round, tokens, seconds from costs order by stage, round")
    total = sum(cost["seconds"] for cost in costs)
    mo.md(f"## Spend\n\n{total / 60:,.1f} minutes, {sum(cost['tokens'] for cost in costs):,} tokens.")
    return (costs,)


@app.cell
def _(costs, plt):
    spend, bars = plt.subplots(figsize=(8, 3), layout="constrained")
    below = {cost["round"]: 0.0 for cost in costs}
    for stage in sorted({cost["stage"] for cost in costs}):
        seconds = {cost["round"]: cost["seconds"] for cost in costs if cost["stage"] == stage}
        bars.bar(list(seconds), list(seconds.values()), bottom=[below[r] for r in seconds], label=stage)
        below |= {r: below[r] + s for r, s in seconds.items()}
    bars.set(xlabel="round", ylabel="seconds")
    bars.legend(ncols=4, fontsize="small")
    spend
    return (spend,)


@app.cell
def _(mo, rows):
    found = rows(
        "select reason, count(*) as found from review_candidates group by all order by found desc, reason"
    )
    reason = mo.ui.dropdown([row["reason"] for row in found], value=found[0]["reason"] if found else None)
    mo.vstack([mo.md("## Worth a look"), mo.ui.table(found, selection=None), reason])
    return (reason,)


@app.cell
def _(mo, reason, rows):
    candidates = rows(
        f"""
        select r.family, r.level, r.policy, p.question, p.answer as key, r.answer, r.samples, left(s.text, 2000) as text
        from (from review_candidates where reason = '{reason.value}' order by samples desc, problem_key limit 20) r
        join problems p on p.key = r.problem_key
        left join samples s on s.key = r.sample_key
        """
    )
    mo.ui.table(candidates, selection=None)
    return (candidates,)


if __name__ == "__main__":
    app.run()
