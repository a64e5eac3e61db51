-- Grain: one row per (sample_key): what may stand in a pair, each text of a problem once. Right ones passed all
-- that is asked of a training row by itself, be it that a cap left them out; wrong ones gave an answer, in full.
with considered as (
    select sample_key, min_by(reason, round) as reason
    from part.selections where reason <> 'replayed' group by sample_key
),
fit as (
    select o.problem_key, o.policy, o.sample_key, o.outcome = 'right' as is_right, s.text
    from part.outcomes as o
    join part.samples as s on s.key = o.sample_key
    left join considered as c on c.sample_key = o.sample_key
    where o.stage in ('sample', 'import')
        and o.finish <> 'length'
        and length(s.text) > 0
        and o.problem_key not in (select problem_key from part.problem_overlaps)
        and (
            o.outcome = 'wrong'
            or o.outcome = 'right' and o.steps is distinct from 'wrong'
            and c.reason in ('admitted', 'duplicate_path', 'over_cap', 'mastered_cap', 'not_trained')
        )
),
mixed as (
    select problem_key from fit group by problem_key having bool_or(is_right) and not bool_and(is_right)
)
select problem_key, policy, min(sample_key) as sample_key, is_right, any_value(length(text)) as length
from fit where problem_key in (from mixed)
group by problem_key, policy, is_right, sha256(text)
order by problem_key, policy, length, sample_key;
