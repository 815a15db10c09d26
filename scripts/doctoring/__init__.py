"""The doctor in readable parts; `python -m scripts.doctoring` packs them into the one file `scripts/doctor.py`.

words     every code: its check, its cause, its fix
pages     what came of one question to one address
machine   all that touches this machine and its network
doors     every address that may have been meant, at once
causes    from what happened to a code
patient   one server under examination, and what was found
network   the checks from here to the server
models    its models, and a token
dify      Dify's side
report    what was found, for a person, a program or a bug report
mending   what may be written, after asking
main      the command line

Standard library and Python 3.9 only, and no name twice: all of it becomes one module.
"""
