-- Grain: one row per (policy): a checkpoint, the decision on it, and its held-out pass rate beside its parent's.
-- `decision` is base, promoted, refused, or null while undecided. `gained` and `lost` are the held-out problems that
-- only the checkpoint, or only its parent, got right: the pairs behind the p-value (McNemar's exact test).
create or replace view checkpoints as
with heldout as (
    select policy, sum(e.judged)::bigint as judged, sum(e.correct)::bigint as correct
    from evaluations as e
    where split = 'heldout'
    group by policy
)
select
    p.policy, p.round, p.parent,
    case when coalesce(p.parent, '') = '' then 'base' when d.promoted then 'promoted' when not d.promoted then 'refused'
    end as decision,
    d.p_value, d.gained, d.lost, d.reason,
    h.judged, h.correct,
    h.correct / h.judged as pass_rate,
    wilson(h.correct, h.judged).low as low,
    wilson(h.correct, h.judged).high as high,
    before.correct / before.judged as parent_pass_rate
from policies as p
left join promotions as d on d.candidate = p.policy
left join heldout as h on h.policy = p.policy
left join heldout as before on before.policy = p.parent;
