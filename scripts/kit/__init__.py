"""What all commands of the kit share: exit codes, settings, and how they speak.

command     the frame of every command: output, exit codes, Ctrl-C, never a traceback
settings    flags, then the environment, then one YAML file
asking      a question before something is changed
output      a table or a line for a person, one JSON object for a program
characters  what stdout cannot show
"""
