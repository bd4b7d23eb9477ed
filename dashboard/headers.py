"""Security headers: what browsers may do with our pages.

Styles stay open to inline ones: Dash, AG Grid and plotly write <style> elements at run time and offer
no nonce for all of them. Scripts run only from our own address or with the nonce of the page.
"""

from __future__ import annotations

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# Only where the visitor came by https: on plain http browsers ignore it.
HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


def content_policy(nonce: str | None) -> str:
    """The Content-Security-Policy of one page; without a nonce no inline script runs at all."""
    scripts = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
