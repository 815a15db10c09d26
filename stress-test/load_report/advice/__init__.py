"""Which part of the chain held the run back, and the settings that move it: rules on the facts of the document."""

from load_report.advice.rules import bottleneck

__all__ = ["bottleneck"]
