"""`python -m scripts debug`: the plugin runs here, from its sources, for a Dify that has remote debugging on.

command    options, words, exit codes
preparing  from flags, environment, `.env` and Dify to one address that answers and a key that is taken
env_file   `.env` as the SDK reads it, and filled without touching what else is in it
checking   what is wrong with its lines, and what to do
places     what is wrong with where it lies: who may read it, whether git and the packager leave it out
target     where the plugin shall connect, and with which key
dify_key   Dify's own word: the key, and whether the plugin is installed there already
reaching   the addresses that may have been meant, and who answers
handshake  the key offered to the daemon, and what it says to that
secret     the key taken out of every text, whole, encoded or cut
process    the plugin's process, which never outlives us
hearing    what the lines it writes mean
running    start, listen, start again
sources    whether a source file has changed
"""
