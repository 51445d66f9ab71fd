"""What the daemon shows over HTTP on this machine."""
