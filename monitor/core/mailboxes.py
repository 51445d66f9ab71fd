"""Mail addresses as people write them."""

from __future__ import annotations


def mail_address(mailbox: str) -> str | None:
    """The address of ``Name <address>``; ``None`` where it is none that SMTP and the headers of a mail can carry."""
    from email.utils import getaddresses  # with sockets and calendars, which a configuration without mail spares

    found = [address for _, address in getaddresses([mailbox])]
    address = found[0] if len(found) == 1 else ""
    local, _, domain = address.rpartition("@")
    sound = local and all(domain.split(".")) and mailbox.isprintable() and address.isascii()
    sound = sound and "@" not in local and not set(address) & set(' <>,"')
    return address if sound else None
