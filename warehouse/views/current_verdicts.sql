-- Grain: one row per (sample_key, name): what the newest version of the judge `name` says of a sample.
-- Of one version a judgement counts before a `not_judged`, which rejudge repeats.
create or replace view current_verdicts as
with ranked as (
    select
        *,
        split_part(judge, '/', 1) as name,
        (coalesce(try_cast(split_part(judge, '/', 2) as integer), 0), outcome <> 'not_judged', outcome, reason) as rank
    from verdicts
)
select
    sample_key, name,
    max_by(judge, rank) as judge,
    max_by(outcome, rank) as outcome,
    max_by(reason, rank) as reason,
    max_by(extracted, rank) as extracted,
    arg_max_null(found_in, rank) as found_in
from ranked
group by sample_key, name;
