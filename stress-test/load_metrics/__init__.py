"""What a load run measures, as pure functions of raw facts; the definitions are in docs/load-report.md.

exchange   the raw facts of one logical request
histogram  values with 0.05 % error, mergeable
timing     from one exchange to its metrics
seconds    what happened in each second of a run
tally      everything that was measured, mergeable across processes
stats      a histogram as the numbers people read
figures    a tally as the numbers people read
slo        thresholds: read, judged, goodput
verdict    whether the run may be believed, and its exit code
sweep      where throughput stops growing, and how much load meets the SLO
baseline   better or worse than an earlier run, or only noise
cost       what Dify adds to the model behind it
summary    the document of a run
"""
