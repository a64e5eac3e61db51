-- Grain: one row per (problem_key): problems that were guessed right at least once without reasoning.
create or replace view easy_to_hack as
select
    o.problem_key,
    count(*) as tries,
    count(*) filter (o.outcome = 'right') as rights
from outcomes as o
where o.outcome <> 'not_judged'
    and o.sample_key in (select key from samples where stage = 'guess')
group by o.problem_key
having rights > 0;
