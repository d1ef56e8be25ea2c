"""Trials: claims of the design put to the test on a running lab, with real packets, real cuts and real repairs.

One module a family, each a function that yields the trials of it; `suite` runs them in order.
"""
