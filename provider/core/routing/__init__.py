"""Several servers behind one form: the right one by model, the dead one avoided, the free one preferred.

router      who is asked, in which order, and what happens when one fails
├── inventory  which instance serves which model, remembered for a minute
├── choice     which of several: a pure function of load, weight and stickiness
└── state      what is known of each instance right now
    ├── circuit  whether it is worth asking
    └── gate     how many requests it has, and the queue before it
"""
