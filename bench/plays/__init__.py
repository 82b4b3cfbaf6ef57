"""The plays of bench/faults.py, by what they break."""
