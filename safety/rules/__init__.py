"""The detection rules: data files, and the one function that reads a text by them.

A rule is a list of patterns with contexts that take the edge off. Rules are data: who
changes one adds a hit and a miss, and they are its tests. Knows no person and no row.
"""

from safety.rules.detect import detect
from safety.rules.files import Rule, Rules, RuleSet, rule_set
from safety.rules.reading import read, windows
from safety.verdict import Hit

__all__ = ["Hit", "Rule", "RuleSet", "Rules", "detect", "read", "rule_set", "windows"]
