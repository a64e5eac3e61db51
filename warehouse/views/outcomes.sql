-- Grain: one row per (sample_key): the verdicts that count, of the problem's own check and of the steps check.
-- What another judge says of a sample, in a trial for instance, stands in current_verdicts and counts for nothing.
create or replace view outcomes as
select
    s.key as sample_key, s.problem_key, s.policy,
    any_value(v.outcome) filter (v.name = p.check_kind) as outcome,
    any_value(v.reason) filter (v.name = p.check_kind) as reason,
    any_value(v.outcome) filter (v.name = 'steps') as steps,
    any_value(v.reason) filter (v.name = 'steps') as steps_reason
from samples as s
join problems as p on p.key = s.problem_key
join current_verdicts as v on v.sample_key = s.key
group by s.key, s.problem_key, s.policy;
