"""The stranger: a short-lived child that asks a server what anybody may ask, and prints the raw answers as JSON.

It judges nothing, changes nothing (GET only, but for the one login that an owner may switch on), opens no file of
ours, and ends by itself whatever the server does. It imports only what it needs to ask: half of a look is the start of
the child.
"""
