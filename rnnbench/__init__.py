"""rnnbench: benchmarks recurrent neural networks by recurrent connectivity.

The data flows along one line, which is also the folder listing::

    suite file -> Suite -> cases -> launches -> measurements -> results -> analysis -> report
"""

__version__ = "0.1.0"
