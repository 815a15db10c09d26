"""What is asked of whom, and when; pure but for `looking`.

target     one scenario: whom to ask, and how
session    a virtual user in a conversation
asking     target, session and text -> Ask; and what stops a request on the server
prompts    texts: our own, a text file, JSONL
trace      the times of a JSONL file
lengths    prompts of a wanted number of tokens, measured by the server's own count
salt       what keeps a prompt out of the server's prefix cache
mix        scenarios by weight
arrivals   when open-loop requests are due
keys       app keys from a file
looking    what answers at an address, and what it wants to be asked
"""
