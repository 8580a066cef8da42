"""Draws Vega-Lite specifications, a JSON list on standard input, as a JSON list of SVG or of PNG in base64.

A process of its own, run by its path: the engine that draws takes a hundred megabytes and threads that survive no fork,
and both end with it.
"""

import base64
import json
import sys
from typing import Any

import vl_convert

VEGA_LITE = "6.4"
PIXELS_PER_POINT = 3


def _svg(specification: dict[str, Any]) -> str:
    return vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE)


def _png(specification: dict[str, Any]) -> str:
    png = vl_convert.vegalite_to_png(specification, vl_version=VEGA_LITE, scale=PIXELS_PER_POINT)
    return base64.b64encode(png).decode()


if __name__ == "__main__":
    draw = {"svg": _svg, "png": _png}[sys.argv[1]]
    json.dump([draw(one) for one in json.load(sys.stdin)], sys.stdout)
