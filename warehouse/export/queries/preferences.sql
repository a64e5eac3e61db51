-- Grain: one row per (chosen_key), and per (rejected_key): a right and a wrong solution of one problem.
select
    p.question as prompt, c.text as chosen, r.text as rejected,
    c.key as chosen_key, r.key as rejected_key, p.key as problem_key, p.family, p.level,
    c.policy as chosen_policy, r.policy as rejected_policy,
    length(c.text)::integer as chosen_length, length(r.text)::integer as rejected_length,
    greatest(c.round, r.round) as round
from pairs as m
join part.samples as c on c.key = m.chosen_key
join part.samples as r on r.key = m.rejected_key
join part.problems as p on p.key = c.problem_key
order by problem_key, chosen_key;
