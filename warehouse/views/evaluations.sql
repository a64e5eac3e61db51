-- Grain: one row per (round, policy, family, level, split): the policy evaluated in that round.
-- The newest version of the answer judge counts; what it could not judge leaves the denominator.
create or replace view evaluations as
with evaluated as (
    select distinct key, problem_key, policy, round from samples where stage = 'evaluate'
),
outcomes as (
    select sample_key, arg_max(outcome, coalesce(try_cast(split_part(judge, '/', 2) as integer), 0)) as outcome
    from verdicts
    where not starts_with(judge, 'steps/')
        and sample_key in (select key from evaluated)
    group by sample_key
),
cells as (
    select key, any_value(family) as family, any_value(level) as level, any_value(split) as split
    from problems
    where key in (select problem_key from evaluated)
    group by key
)
select
    e.round, e.policy, c.family, c.level,
    count(*) as judged,
    count(*) filter (o.outcome = 'right') as correct,
    correct / judged as pass_rate,
    c.split
from evaluated as e
join outcomes as o on o.sample_key = e.key
join cells as c on c.key = e.problem_key
where o.outcome <> 'not_judged'
group by e.round, e.policy, c.family, c.level, c.split;
