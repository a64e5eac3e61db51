-- Grain: one row per (reason, problem_key, sample_key): what is worth a human look, and why.
-- A sample: `broken_steps` (right, though a step above the answer is false), `flipped` (judging again changed what
-- counts), `not_judged`. A problem, where sample_key is null: `suspect_key` (four or more wrong samples agree on an
-- answer, and outnumber the right ones), `guessed` (right without reasoning). `answer` is what was answered, in
-- `samples` of them.
create or replace view review_candidates as
with agreed as (
    select problem_key, family, level, answer, count(*) as samples
    from outcomes
    where outcome = 'wrong' and answer <> '' and stage <> 'guess'
    group by problem_key, family, level, answer
    having samples >= 4
),
rights as (
    select problem_key, count(*) as samples
    from outcomes
    where outcome = 'right' and stage <> 'guess' and problem_key in (select problem_key from agreed)
    group by problem_key
)
select
    case outcome when 'right' then 'broken_steps' else outcome end as reason,
    problem_key, sample_key, family, level, policy, answer, 1 as samples
from outcomes
where outcome = 'not_judged' or outcome = 'right' and steps_reason = 'false_step'
union all
select 'flipped', problem_key, sample_key, family, level, policy, answer, 1
from outcomes
where revision > 0
union all
select 'suspect_key', problem_key, null, a.family, a.level, null, a.answer, a.samples
from agreed as a
left join rights as r using (problem_key)
where a.samples > coalesce(r.samples, 0)
union all
select 'guessed', problem_key, null, family, level, null, answer, count(*)
from outcomes
where stage = 'guess' and outcome = 'right'
group by problem_key, family, level, answer;
