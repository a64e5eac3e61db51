-- Grain: one row per (round, family, level, slot): how many problems of a cell a round drew, and why.
-- `slot` is the share of the draw that they belong to: learnability (where both outcomes are likely), hard, or
-- uniform. `judged`, `mean`, `low` and `high` are the standing of the cell at that time, null before version 3.
create or replace view curriculum as
select a.round, a.family, a.level, a.slot, a.problems, s.judged, s.mean, s.low, s.high
from assignments as a
left join standings as s on s.round = a.round and s.family = a.family and s.level = a.level;
