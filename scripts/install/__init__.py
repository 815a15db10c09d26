"""`python -m scripts install`: the plugin into Dify, or a newer version in place of an older one.

command  options, words, exit codes
package  the file to install: the one given, or one made now
steps    upload, uninstall the old, install the new, see what runs; the old comes back when the new does not start
forms    the provider's form does not survive the change of versions: saved again as far as that is possible
"""
