"""Campaigns: many commands of dosekernel as shards, on this machine or on a Dask cluster."""
