"""The dosing kernel: what runs in the pump, and nothing else. Read the modules in this order:

contract, records, arithmetic, integrity, limits, window, state, on_board,
infusion_set, basal, glucose, bolus, rates, clock, delivery, faults, readout, requests,
decide, adoption, step.
"""
