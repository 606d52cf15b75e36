"""Notebooks and the projects made of them: reading, analysis, kernels, verification, batches and reports."""
