-- Grain: one row per (key): a sample that was admitted to training, is still judged right on steps that are not
-- false, and whose problem overlaps with no other.
with admissions as (
    select sample_key, min(round) as round, min_by(weight, round) as weight
    from part.selections where admitted group by sample_key
)
select
    p.question as prompt, s.text as completion, a.weight,
    s.key, p.key as problem_key, p.family, p.level, s.policy, a.round
from admissions as a
join part.samples as s on s.key = a.sample_key
join part.outcomes as o on o.sample_key = a.sample_key
join part.problems as p on p.key = s.problem_key
where o.outcome = 'right'
    and o.steps is distinct from 'wrong'
    and p.key not in (select problem_key from part.problem_overlaps)
order by problem_key, s.key;
