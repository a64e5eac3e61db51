-- Grain: one row per (round, sample_key): what the round's candidate was fine-tuned on, with its weight in the loss.
-- `source` is fresh, or replayed: admitted in an earlier round and mixed in again. `drawn_by` is the policy that drew
-- the sample, in round `drawn_in`; `judge` found it right, with that `answer`.
create or replace view training_rows as
select
    c.round, c.sample_key, o.problem_key, o.family, o.level,
    case c.reason when 'replayed' then 'replayed' else 'fresh' end as source,
    c.weight,
    o.policy as drawn_by, o.round as drawn_in, o.tokens, o.judge, o.answer, o.steps
from selections as c
join outcomes as o on o.sample_key = c.sample_key
where c.admitted;
