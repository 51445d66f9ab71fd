"""The network door: the one room that reaches the outside world over HTTP. Start at ``fetch.Net``."""
