"""Letters: sent by the mail server of the settings, or refused with the reason and the remedy."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from data.errors import CallboardError, SettingsError
from data.identity.secrets import Secrets
from data.settings import Mail, Settings

PASSWORD = "mail.password"  # noqa: S105 - the name under which it is kept


class MailFailed(CallboardError):
    """The mail server did not take the letter."""


def send(settings: Settings, to: Sequence[str], subject: str, text: str) -> None:
    """One letter of plain text. Raises SettingsError where mail is not set up, MailFailed."""
    mail = settings.mail
    if not mail.host:
        raise SettingsError("Setting mail.host is empty: no letters are sent. Fill in [mail] in callboard.toml.")
    if not _address(mail.sender):
        raise SettingsError(
            f"Setting mail.sender = {mail.sender!r} is no address. Write for instance calls@example.org."
        )
    wrong = next((one for one in to if not _address(one)), None)
    if wrong is not None or not to:
        raise MailFailed(f"{(wrong or '')[:80]!r} is no address that a letter can be sent to.")
    password = Secrets(settings).get(PASSWORD) if mail.user else None
    if mail.user and password is None:
        raise SettingsError(f"There is no password of {mail.user!r}. Keep it: app.py secret set {PASSWORD}")
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = mail.sender, ", ".join(to), subject
    letter["Date"], letter["Message-ID"] = formatdate(), make_msgid("callboard")
    letter.set_content(text)
    _deliver(mail, letter, password)


def _deliver(mail: Mail, letter: EmailMessage, password: str | None) -> None:
    where = f"{mail.host}:{mail.port}"
    try:
        context = ssl.create_default_context()
        if mail.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.seconds, context=context)
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=mail.seconds)
        with server:
            if mail.security == "starttls":
                server.starttls(context=context)
            if password is not None:
                server.login(mail.user, password)
            server.send_message(letter)
    except smtplib.SMTPAuthenticationError as error:
        raise MailFailed(
            f"{where} refuses {mail.user!r} or its password ({_said(error.smtp_error)}). "
            f"Correct mail.user, or keep the password anew: app.py secret set {PASSWORD}"
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        reasons = "; ".join(f"{name}: {_said(text)}" for name, (_, text) in error.recipients.items())
        raise MailFailed(f"{where} takes no letter for {reasons}.") from None
    except smtplib.SMTPNotSupportedError as error:
        raise MailFailed(f"{where}: {error}. Correct mail.security or mail.port.") from None
    except smtplib.SMTPResponseException as error:
        raise MailFailed(f"{where} answers {error.smtp_code}: {_said(error.smtp_error)}.") from None
    except ssl.SSLError as error:
        raise MailFailed(
            f"{where} cannot be trusted, or speaks no TLS there ({error.reason or error}). "
            "Correct mail.security and mail.port, or the server's certificate."
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise MailFailed(
            f"{where} does not answer as a mail server ({error}). Correct mail.host and mail.port."
        ) from None


def _address(text: str) -> bool:
    _, address = parseaddr(text)
    return "@" in address and not any(sign in text for sign in "\r\n")


def _said(text: bytes | str) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text)[:200]
