-- Grain: one row per (problem_key): problems that were guessed right at least once without reasoning.
create or replace view easy_to_hack as
select
    problem_key,
    count(*) as judged,
    count(*) filter (outcome = 'right') as correct
from outcomes
where stage = 'guess' and outcome <> 'not_judged'
group by problem_key
having correct > 0;
