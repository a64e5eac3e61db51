-- Grain: one row per (sample_key, name): what the newest version of the judge `name` says of a sample.
-- Of one version a judgement counts before a `not_judged`, which rejudge repeats.
create or replace view current_verdicts as
with repeated as (  -- samples that a judge may have looked at twice: few, which keeps the rest cheap
    select distinct j.name, v.sample_key
    from verdicts as v
    join judges as j on j.judge = v.judge
    where j.succeeds or v.outcome = 'not_judged'
),
ranked as (
    select
        v.*, j.name,
        r.sample_key is not null as again,
        (j.version, v.outcome <> 'not_judged') as rank
    from verdicts as v
    join judges as j on j.judge = v.judge
    left join repeated as r on r.sample_key = v.sample_key and r.name = j.name
)
select sample_key, name, judge, outcome, reason, extracted, found_in from ranked where not again
union all
select
    sample_key, name,
    max_by(judge, rank), max_by(outcome, rank), max_by(reason, rank), max_by(extracted, rank),
    arg_max_null(found_in, rank)
from ranked
where again
group by sample_key, name;
