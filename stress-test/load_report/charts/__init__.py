"""The charts of the page, each an inline SVG whose colours are the page's own.

svg        from a matplotlib figure to an element of the page
frame      axes as all charts have them
over_time  latency, throughput, errors and requests in flight, second by second
over_load  the same by the steps of a sweep, with knee and thresholds
spread     how the latencies are distributed
"""

from load_report.charts.all import charts

__all__ = ["charts"]
