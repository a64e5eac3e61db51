-- Grain: one row per (sample_key): what counts of a judged sample, with where it belongs.
-- The verdicts are those of the problem's own check and of the steps check. What another judge says of a sample, in a
-- trial for instance, stands in current_verdicts and counts for nothing. `answer` is what the check took for the final
-- answer, and `revision` counts how often judging again has changed something.
create or replace view outcomes as
with revised as (  -- few, which makes this join cheap where `not exists` is not
    select sample_key, max(revision) as newest from outcome_revisions where revision > 0 group by sample_key
)
select o.*
from outcome_revisions as o
left join revised as r on r.sample_key = o.sample_key
where o.revision = coalesce(r.newest, 0);
