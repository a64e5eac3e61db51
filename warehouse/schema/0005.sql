-- Version 5. Several machines may draw the samples of one round.

alter table declared.timeline add column host varchar;  -- which drew the samples, or did the rest; null before
