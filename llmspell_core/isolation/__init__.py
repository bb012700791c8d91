"""Sessions in processes of their own: forked from a warm zygote, locked, and killed at their deadline.

frames     how text travels between the parent and a worker
kernel     the system calls that lock a process, by ctypes
filters    which system calls a worker may make
lockdown   takes everything from a worker but its socket, before it reads a spell
worker     what runs in a worker
zygote     forks workers, kills and reaps them
spawning   starts a Python that has nothing of this one
headstart  starts a zygote before the command line is read
cradle     starts a zygote, and speaks with it
pool       hands out workers, some forked ahead
exchange   one frame there and one back, with an event loop or without
customs    believes nothing that a worker says
session    a session that runs in a worker
layers     which layers of the lock hold on this machine
"""
