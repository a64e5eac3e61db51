-- Macro: wilson(correct, judged) is the 95% interval of a pass rate (Wilson 1927), a struct of `low` and `high`.
-- It stays inside [0, 1] and is sane at 0 and 1; null where nothing was judged. The numbers are z, the normal
-- distribution's 97.5% point, and z^2 whole, halved and quartered.
create or replace macro wilson(correct, judged) as {
    'low': greatest(
        0,
        correct + 1.920729410347062
        - 1.959963984540054 * sqrt(correct * (1 - correct / nullif(judged, 0)) + 0.960364705173531)
    ) / (nullif(judged, 0) + 3.841458820694124),
    'high': least(
        judged + 3.841458820694124,
        correct + 1.920729410347062
        + 1.959963984540054 * sqrt(correct * (1 - correct / nullif(judged, 0)) + 0.960364705173531)
    ) / (nullif(judged, 0) + 3.841458820694124)
};
