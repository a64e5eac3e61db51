-- Grain: one row per (round, policy, family, level).
select round, policy, family, level, judged, correct, pass_rate, low, high
from evaluations where split = $split
order by round, policy, family, level;
