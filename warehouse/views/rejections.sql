-- Grain: one row per (round, reason): samples considered for training in that round and left out.
-- `share` is of all samples of the round that were considered; rows replayed from earlier rounds are not among them.
create or replace view rejections as
with considered as (
    select round, reason, admitted, count(*) as samples
    from selections
    where reason <> 'replayed'
    group by round, reason, admitted
),
shares as (select *, samples / sum(samples) over (partition by round) as share from considered)
select round, reason, samples, share from shares where not admitted;
