-- Grain: one row per (family, level): cells whose newest standing has a mean strictly between 0.05 and 0.95.
-- The newest standing is the belief with which the newest round drew its problems: counts that fade from round to
-- round, and the mean and 95% interval of their Beta. A cell that was never tried is beyond the frontier. Rounds
-- played before version 3 left no standings, so it is empty until `edgework run` is next given for such a home.
create or replace view frontier as
select family, level, round, judged, mean, low, high
from standings
where round = (select max(round) from standings) and judged > 0 and mean > 0.05 and mean < 0.95;
