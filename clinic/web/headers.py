"""Headers of every answer."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
WORKER = "js/licence-worker.js"
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'"
"""The one script that may compile WebAssembly: the reader of barcodes, a worker without a document. No page may."""
_USES = "camera=(self), microphone=({}), geolocation=(), payment=(), usb=()"
WITH_MICROPHONE = _USES.format("self")
"""For the one page that tries the microphone; its view gives it as `Permissions-Policy`."""
_ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _USES.format(""),
}


def install(app: Flask, *, tls: bool) -> None:
    """Send them with every answer; pages are never kept by a cache, static files are."""

    @app.after_request
    def _add(response: Response) -> Response:
        if request.endpoint == "static" and (request.view_args or {}).get("filename") == WORKER:
            response.headers["Content-Security-Policy"] = WORKER_POLICY
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        if tls:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        response.headers.remove("Server")
        return response
