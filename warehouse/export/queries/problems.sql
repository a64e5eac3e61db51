-- Grain: one row per (key).
with overlapping as (
    select problem_key, string_agg(distinct how, ', ' order by how) as overlap from part.problem_overlaps group by problem_key
)
select
    p.key, p.family, p.level, p.question, p.answer, p.check_kind as "check", p.source, p.seed, p.round, o.overlap
from part.problems as p
left join overlapping as o on o.problem_key = p.key
order by p.key;
