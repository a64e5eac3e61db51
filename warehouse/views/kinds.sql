-- Comments: what a row is of each kind of shard. DuckDB's UI shows them, and `edgework sql` without a query.
comment on table declared.problems is 'one row per (key): a question with its answer; split is train or heldout';
comment on table declared.assignments is 'one row per (round, family, level, slot): how many problems of a cell a round drew; see curriculum';
comment on table declared.samples is 'one row per (key): a solution text that a policy drew; stage is sample, guess, evaluate or import';
comment on table declared.verdicts is 'one row per (sample_key, judge): what a version of a judge says of a sample, and what it extracted where; a not_judged may be repeated';
comment on table declared.outcome_revisions is 'one row per (sample_key, revision): what counted of a sample until a newer verdict changed it; see outcomes';
comment on table declared.selections is 'one row per (round, sample_key): the fate of a sample in a round: admitted with a weight, or the reason why not';
comment on table declared.standings is 'one row per (round, family, level): the belief about a pass rate with which a round drew its problems';
comment on table declared.training is 'one row per (round, step): a step of a fine-tune with its loss';
comment on table declared.policies is 'one row per (policy): a checkpoint, its parent and the digest of its weights; see checkpoints';
comment on table declared.promotions is 'one row per (round): the test of a candidate against the incumbent, with p-value and reason';
comment on table declared.logprobs is 'one row per (sample_key), if the config asks for them: the log-probability of its tokens together, in nats';
comment on table declared.timeline is 'one row for each stretch of a round, a shard of samples or a stage of another kind: when, for how long, and how long of that the engine was at work';
comment on table declared.spend is 'one row for each stage of a unit of work: its tokens and seconds; see costs';
comment on table declared.problem_overlaps is 'one row per (problem_key, how, other, against): why a problem may not train beside another one; see duplicates';
comment on table declared.sources is 'one row per (name, sha256, license): a file that was imported';
comment on table declared.repairs is 'one row per (name, path, taken_out_at): a unit of work that was done again, since a file of it was damaged; without a name, how many were restored';
