-- Grain: one row per (policy, round, sample_key): a training row that made the checkpoint `policy`.
-- `trained` was fine-tuned on it, in that round: the checkpoint itself (generation 0) or an ancestor, `generation`
-- steps up. The other columns are those of training_rows.
create or replace view lineage as
select
    a.policy, a.ancestor as trained, a.generation, t.round, t.sample_key, t.problem_key, t.family, t.level, t.source,
    t.weight, t.drawn_by, t.drawn_in
from ancestors as a
join training_rows as t on t.round = a.round
where a.round > 0;
