"""`python -m scripts bench`: what the plugin costs, as ratios to a plugin that does nothing and to plain HTTP.

command  the options, and what happens when nothing can be measured
├── measures   the measurements by name: cpu, first_token, connections, start, memory, streams, load_client
│   ├── lab        what they share: the paced server, both plugins, rounds within a time limit
│   ├── answers    one answer of a plugin, with its times
│   ├── raw        the same requests without a plugin
│   ├── streaming  the load tests' client and others, which follow streams
│   └── figures    medians, percentiles, pairs
├── rows       what was measured, against what, and whether that is good enough
├── results    the rows as a document, with the commit and the machine they are from
└── screen     what a person sees of it
"""
