-- Grain: one row per (key): every solution with all verdicts, those that count, and its fate in the first selection.
with said as (
    select
        sample_key,
        list_sort(list(distinct {
            'judge': judge, 'outcome': outcome, 'reason': reason, 'extracted': extracted, 'found_in': found_in
        })) as verdicts
    from part.verdicts group by sample_key
),
considered as (
    select sample_key, bool_or(admitted) as admitted, min_by(reason, round) as reason
    from part.selections where reason <> 'replayed' group by sample_key
)
select
    s.key, s.problem_key, p.family, p.level, s.policy, s.round, s.stage, s.draw,
    if(s.finish = 'recorded', null, s.temperature) as temperature, s.text,
    if(s.finish = 'recorded', nullif(s.tokens, 0), s.tokens) as tokens, s.finish,
    o.outcome, o.answer, o.steps, v.verdicts, c.admitted, c.reason
from part.samples as s
join part.problems as p on p.key = s.problem_key
left join part.outcomes as o on o.sample_key = s.key
left join said as v on v.sample_key = s.key
left join considered as c on c.sample_key = s.key
order by s.problem_key, s.policy, s.round, s.stage, s.draw, s.key;
