-- Grain: one row per (policy, ancestor): the checkpoints that a checkpoint was fine-tuned from, itself included.
-- `generation` counts back: 0 is the checkpoint itself, 1 its parent, and the last is the base.
create or replace view ancestors as
with recursive line as (
    select policy, policy as ancestor, parent, round, 0 as generation from policies
    union all
    select line.policy, p.policy, p.parent, p.round, line.generation + 1
    from line
    join policies as p on p.policy = line.parent and p.round < line.round
)
select policy, ancestor, round, generation from line;
