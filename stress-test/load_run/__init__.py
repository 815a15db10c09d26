"""A load run inside Locust: the master leads, workers and their users ask, what was measured is merged and judged.

options      the command line, the environment, locust.conf → settings
loads        what load, in which stages; and what may follow from a stage
assignment   what a worker is told at the start
station      the load generator of one process: users at a gate, open-loop requests, one client
requests     one logical request from the prompt to Locust's table
dispatch     open loop: requests at their times
book         what one process measured, by stage, until it is sent
vitals       what the load generator costs itself
conductor    the master: begins, leads through the stages, ends
gathering    what all processes measured, merged
report       the document, its files, its words
glue         Locust's events, tied to all of these
"""
