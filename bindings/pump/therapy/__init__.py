"""Therapy around the kernel: the day's programme, infusion sets, a calculator, reminders, loops.

Nothing here decides a dose. A companion (`follow(pump, at)`) asks the kernel when something is due.
"""
