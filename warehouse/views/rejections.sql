-- Grain: one row per (round, reason): samples considered for training in that round and left out.
create or replace view rejections as
select round, reason, count(*) as samples
from selections
where not admitted
group by round, reason;
