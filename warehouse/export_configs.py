"""What an export holds: one query for each config of the dataset, and what its columns mean.

A row that stands in two shards is exported once. Every query ends in an order, so that the same home gives
the same files.
"""

from dataclasses import dataclass

SETUP = """
create temp view distinct_problems as
    select * from problems qualify row_number() over (partition by key order by round, source) = 1;
create temp view distinct_samples as
    select * from samples qualify row_number() over (partition by key order by round) = 1;
create temp view said as
    select sample_key,
        list_sort(list(distinct {judge: judge, outcome: outcome, reason: reason, extracted: extracted})) as verdicts
    from verdicts group by sample_key;
create temp view considered as
    select sample_key, bool_or(admitted) as admitted, min_by(reason, round) as reason
    from selections where reason <> 'replayed' group by sample_key;
create temp view first_admissions as
    select sample_key, min(round) as round, min_by(weight, round) as weight
    from selections where admitted group by sample_key;
"""


@dataclass(frozen=True, slots=True)
class Config:
    """`query` has a column `split`, by which its rows go to the files of `splits`."""

    says: str
    splits: tuple[str, ...]
    query: str
    order: str
    columns: dict[str, str]


_ABOUT_PROBLEM = {
    "family": "kind of problem",
    "level": "how hard, from 1",
}

CONFIGS: dict[str, Config] = {
    "sft": Config(
        "what was admitted to training, each sample once",
        ("train",),
        """
        select p.question as prompt, s.text as completion, a.weight, s.key, p.key as problem_key,
            p.family, p.level, s.policy, a.round, p.split
        from first_admissions a
        join distinct_samples s on s.key = a.sample_key
        join distinct_problems p on p.key = s.problem_key
        """,
        "key",
        {
            "prompt": "the question as it was asked",
            "completion": "a solution that was judged right, on steps that were not found false",
            "weight": "in the loss",
            "key": "of the sample",
            "problem_key": "of the problem",
            **_ABOUT_PROBLEM,
            "policy": "that drew the sample",
            "round": "in which it was first admitted",
        },
    ),
    "problems": Config(
        "every question with its answer",
        ("train", "heldout"),
        'select * exclude (check_kind), check_kind as "check" from distinct_problems',
        "key",
        {
            "key": "sha256 of check, question and answer, shortened",
            **_ABOUT_PROBLEM,
            "question": "as it was asked",
            "answer": "what the judge compares with",
            "source": "generated, or import: and the name of the import",
            "seed": "of the generator",
            "round": "in which it was drawn; 0 before the first",
            "check": "the judge that can check the answer",
        },
    ),
    "samples": Config(
        "every solution that was drawn or recorded, with its verdicts and its fate",
        ("train", "heldout"),
        """
        select s.key, s.problem_key, p.family, p.level, s.policy, s.round, s.stage, s.draw,
            if(s.finish = 'recorded', null, s.temperature) as temperature, s.text,
            if(s.finish = 'recorded', nullif(s.tokens, 0), s.tokens) as tokens, s.finish,
            o.outcome, o.steps, v.verdicts, c.admitted, c.reason, p.split
        from distinct_samples s
        join distinct_problems p on p.key = s.problem_key
        left join outcomes o on o.sample_key = s.key
        left join said v on v.sample_key = s.key
        left join considered c on c.sample_key = s.key
        """,
        "problem_key, policy, round, stage, draw, key",
        {
            "key": "sha256 of problem, policy, temperature and draw, shortened",
            "problem_key": "of the problem",
            **_ABOUT_PROBLEM,
            "policy": "that drew it",
            "round": "in which it was drawn or evaluated",
            "stage": "sample (practice), evaluate, or import (recorded elsewhere)",
            "draw": "counts the samples of one problem",
            "temperature": "0 is greedy; null if not recorded",
            "text": "of the solution",
            "tokens": "in it; null if not recorded",
            "finish": "stop, length (cut off), or recorded",
            "outcome": "right, wrong, no_answer or not_judged, by the newest version of the problem's own check",
            "steps": "right, wrong or no_answer, by recomputing the steps",
            "verdicts": "of every judge and version: judge, outcome, reason, extracted",
            "admitted": "to training; null if not considered for it",
            "reason": "why, or why not",
        },
    ),
    "evaluations": Config(
        "held-out pass rates of every checkpoint",
        ("train", "heldout"),
        "select * from evaluations",
        "round, policy, family, level",
        {
            "round": "of the evaluation; the base's is 0",
            "policy": "that was evaluated",
            **_ABOUT_PROBLEM,
            "judged": "problems",
            "correct": "problems",
            "pass_rate": "correct of judged",
        },
    ),
}
