"""The dosing kernel: what runs in the pump, and nothing else. Read the modules in this order:

contract, records, integrity, limits, window, on_board, clock, glucose, infusion_set, basal,
bolus, requests, delivery, step.
"""
