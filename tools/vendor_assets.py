"""Fetches the vendored parts of the web pages by npm and puts them where they are served.

Run `python tools/vendor_assets.py` after changing a version or the list of icons; commit what it writes.
docs/third-party.md names the licences.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import quote

import brotli  # type: ignore[import-untyped]

ASSETS = Path(__file__).parents[1] / "dashboard" / "assets"

PACKAGES = {
    "inter": "@fontsource-variable/inter@5.3.0",
    "bootstrap": "bootstrap@5.3.9",
    "icons": "bootstrap-icons@1.13.2",
    "plotly": "plotly.js-cartesian-dist-min@4.1.1",  # the version that the Python package plotly carries
    "dates": "@date-fns/cdn@4.4.0",
    "regenerator": "regenerator-runtime@0.14.1",
    "morphdom": "morphdom@2.7.8",
}

# Ours: file of the package.
COPIES = {
    "fonts/inter-latin.woff2": ("inter", "files/inter-latin-wght-normal.woff2"),
    "fonts/inter-cyrillic.woff2": ("inter", "files/inter-cyrillic-wght-normal.woff2"),
    "vendor/plotly-cartesian.min.js": ("plotly", "plotly-cartesian.min.js"),
    "vendor/date-fns-ru.min.js": ("dates", "locale/ru/cdn.min.js"),
    "vendor/regenerator-runtime.js": ("regenerator", "runtime.js"),
    "00_morphdom.min.js": ("morphdom", "dist/morphdom-umd.min.js"),
    "licences/morphdom.txt": ("morphdom", "LICENSE"),
    "licences/regenerator-runtime.txt": ("regenerator", "LICENSE"),
    "licences/inter.txt": ("inter", "LICENSE"),
    "licences/bootstrap.txt": ("bootstrap", "LICENSE"),
    "licences/bootstrap-icons.txt": ("icons", "LICENSE"),
    "licences/plotly.txt": ("plotly", "LICENSE"),
    "licences/date-fns.txt": ("dates", "LICENSE.md"),
}

# Those that are used; add a name where one is wanted.
ICONS = """
    arrow-clockwise arrow-counterclockwise arrow-down-left arrow-down-short arrow-left-right arrow-return-left
    arrow-up-right arrow-up-short bar-chart bell bookmark box-arrow-right box-arrow-up-right building
    calendar-week calendar3 chat-dots chat-left-text-fill chat-square-text check-circle check2 check2-all
    chevron-down chevron-left chevron-right chevron-up circle circle-half clock cloud-slash columns-gap copy
    database-exclamation dot download exclamation-circle exclamation-triangle eye eye-slash file-earmark
    file-earmark-music file-earmark-spreadsheet funnel gear geo-alt globe graph-up hand-index-thumb
    hourglass-split image inbox info-circle keyboard layout-sidebar layout-sidebar-reverse link-45deg list
    list-task lock megaphone mic mic-mute moon-stars paperclip pause-fill pencil people person person-circle
    person-exclamation person-plus person-plus-fill pin-angle play-fill plus-lg printer reply search send
    shield-lock skip-end-fill skip-start-fill speedometer2 sun table tags telegram telephone telephone-forward
    telephone-minus telephone-outbound telephone-x trash upload volume-mute volume-up whatsapp wifi-off x x-lg
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sources = {name: fetch(package, Path(folder) / name) for name, package in PACKAGES.items()}
        for target, (name, file) in COPIES.items():
            write(ASSETS / target, (sources[name] / file).read_bytes())
        # Too slow to be done while somebody waits, and a twelfth smaller than what is done then.
        chart = ASSETS / "vendor/plotly-cartesian.min.js"
        write(chart.with_name(chart.name + ".br"), brotli.compress(chart.read_bytes(), quality=11, lgwin=24))
        write(ASSETS / "00_reboot.min.css", without_map(sources["bootstrap"] / "dist/css/bootstrap-reboot.min.css"))
        write(ASSETS / "20_icons.css", icon_sheet(sources["icons"] / "icons").encode())


def fetch(package: str, folder: Path) -> Path:
    """The unpacked files of `package`."""
    folder.mkdir()
    command = ["npm", "pack", package, "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def without_map(file: Path) -> bytes:
    # The map is not served, and browsers with open tools would ask for it.
    return file.read_bytes().partition(b"/*# sourceMappingURL")[0]


def icon_sheet(folder: Path) -> str:
    """One rule an icon: its picture as a mask, painted in the colour of the text around it."""
    rules = ["/* Made by tools/vendor_assets.py out of Bootstrap Icons (MIT). */\n"]
    for name in sorted(ICONS.split()):
        picture = " ".join((folder / f"{name}.svg").read_text("utf-8").split()).replace('"', "'")
        rules.append(f'.icon-{name}{{--icon:url("data:image/svg+xml,{quote(picture, safe=SAFE)}")}}\n')
    return "".join(rules)


SAFE = " ='/:;,.()-_!*+@$&?[]"


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


if __name__ == "__main__":
    main()
