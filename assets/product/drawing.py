"""Draws Vega-Lite specifications, a JSON list on standard input, as SVG, a JSON list on standard output.

A process of its own, run by its path: the engine that draws takes a hundred megabytes and threads that survive no fork,
and both end with it.
"""

import json
import sys

import vl_convert

if __name__ == "__main__":
    drawn = [vl_convert.vegalite_to_svg(one, vl_version="6.4") for one in json.load(sys.stdin)]
    json.dump(drawn, sys.stdout)
