-- What version 3 writes with each sample, from the samples, verdicts and problems of an earlier home.
with known as (
    select
        key,
        any_value(family) as family, any_value(level) as level,
        any_value(split) as split, any_value(check_kind) as check_kind
    from problems
    group by key
),
drawn as (select * from samples qualify row_number() over (partition by key order by round) = 1)
select
    s.key as sample_key, s.problem_key, s.policy, s.round, s.stage, p.family, p.level, p.split, s.tokens, s.finish,
    a.outcome, a.reason, a.judge, a.extracted as answer,
    t.outcome as steps, t.reason as steps_reason,
    0::integer as revision
from drawn as s
join known as p on p.key = s.problem_key
join current_verdicts as a on a.sample_key = s.key and a.name = p.check_kind
left join current_verdicts as t on t.sample_key = s.key and t.name = 'steps'
