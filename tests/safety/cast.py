"""Subjects for tests of the rules: only the facts that the gate may know."""

from uuid import UUID

from safety.verdict import AgeBand, Subject

ADA = Subject(UUID(int=1), AgeBand.ADULT, "US", "en", "America/New_York")
MINA = Subject(UUID(int=2), AgeBand.AGE_14_15, "CN", "zh-hans", "Asia/Shanghai")
WEN = Subject(UUID(int=3), AgeBand.SENIOR, "CN", "zh-hans", "Asia/Shanghai")
