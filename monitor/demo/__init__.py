"""The demo: a little news web, a mail box and a webhook receiver on this machine, monitored for real."""
