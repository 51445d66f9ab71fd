"""The network door: the one room that reaches the outside world over HTTP. Start at ``fetch.Net``."""

import sys

# httpx loads its own command line, with rich and pygments, wherever these are installed: a sixth of a second.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
