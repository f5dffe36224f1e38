"""The dosing kernel for infusion pumps: one small total function, proved from its own source."""
