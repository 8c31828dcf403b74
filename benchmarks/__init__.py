"""Measures Easel against a bare handler and a limit program, as ratios within one run."""
