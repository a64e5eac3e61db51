-- Grain: one row per (problem_key): a problem that does not train, since another question says the same.
-- Of several overlaps the gravest is shown. `other` is a problem's key, or the row of an evaluation file.
create or replace view duplicates as
select distinct on (problem_key)
    problem_key,
    case how when 'exact' then 'exact_duplicate' when 'near' then 'near_duplicate' else how end as reason,
    other, against, similarity, round
from problem_overlaps
order by problem_key, list_position(['leak', 'near_heldout', 'exact', 'near'], how), similarity desc, against, other;
